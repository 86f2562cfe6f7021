import { globSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"

const KINDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
const rows = readFileSync("docs/dependencies.md", "utf8").split("\n")

const paths = globSync([
  "package.json",
  "{packages,examples}/*/package.json",
  "{suite,bench,scripts/api}/package.json",
])

it.each(paths)("each dependency of %s has its line in docs/dependencies.md, with its version", (path) => {
  const manifest = JSON.parse(readFileSync(path, "utf8"))
  const named = KINDS.flatMap((kind) => Object.entries(manifest[kind] ?? {}))
  const foreign = named.filter(([name]) => !name.startsWith("@warmpool/") && name !== "warmpool")

  // A peer is named by a range, and its row by the version we test with.
  const unexplained = foreign.filter(([name, version]) => {
    const row = `| \`${name}\` | ${manifest.peerDependencies?.[name] ? "" : `${version} |`}`
    return !rows.some((line) => line.startsWith(row))
  })

  expect(unexplained).toEqual([])
})

it("what is installed is pinned, so that two clones are the same", () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"))

  expect(
    Object.values(devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version))),
  ).toEqual([])
})
