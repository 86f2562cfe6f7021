import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** One entry of a package, and the source it is built from. */
export interface Entry {
  /** What users import; with the condition, where two entries have one name. */
  readonly name: string
  /** Its path from the root. */
  readonly source: string
}

interface Target {
  readonly condition: string
  readonly types: string
}

/** Every entry that users may import, on whichever platform: `@warmpool/socket` is three of them. */
export function publicEntries(): readonly Entry[] {
  return globSync("packages/*/package.json", { cwd: ROOT }).toSorted().flatMap(entriesOf)
}

function entriesOf(path: string): readonly Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, path), "utf8"))
  const named = new Map<string, string>()
  for (const [key, exported] of Object.entries(exports)) {
    for (const { condition, types } of targetsOf(exported, "")) {
      const suffix = /^(|default)$/.test(condition) ? "" : ` (${condition})`
      // What has a path of its own is named by that, not by the condition that leads to it.
      named.set(types, `${name}${key.slice(1)}${suffix}`)
    }
  }
  return [...named].map(([types, entry]) => ({ name: entry, source: sourceOf(join(dirname(path), types)) }))
}

/** The declarations that an `exports` field leads to. */
function targetsOf(exported: unknown, condition: string): readonly Target[] {
  if (typeof exported !== "object" || exported === null) return []
  return Object.entries(exported).flatMap(([key, value]) =>
    key === "types" ? [{ condition, types: String(value) }] : targetsOf(value, key),
  )
}

function sourceOf(types: string): string {
  const source = types.replace("/dist/", "/src/").replace(/\.d\.ts$/, ".ts")
  if (!existsSync(join(ROOT, source))) throw new Error(`${types} has no source ${source}`)
  return source
}
