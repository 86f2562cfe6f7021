import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

interface Entry {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly resolved?: string
  readonly link?: boolean
}

const entries: [path: string, entry: Entry][] = Object.entries(
  JSON.parse(readFileSync("package-lock.json", "utf8")).packages,
)

it("the lockfile names each package's programs for every machine", () => {
  const missing = entries.flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !entries.some(([other]) => other.endsWith(`node_modules/${name}`)))
      .map((name) => `${name}, of ${path}`),
  )

  expect(missing).toEqual([])
})

it("the lockfile names no registry but npm's own", () => {
  const elsewhere = entries
    .filter(([, { link, resolved }]) => !link && resolved !== undefined)
    .filter(([, { resolved }]) => !resolved?.startsWith("https://registry.npmjs.org/"))

  expect(elsewhere).toEqual([])
})
