import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { tableSource } from "./table.ts"

// Run by `node build/generate.ts` before `tsc -b`. What did not change is not written, so that the compiler's
// incremental state stays good.

const require = createRequire(import.meta.url)

function writeIfChanged(name: string, source: string): void {
  const path = fileURLToPath(new URL(`../src/generated/${name}`, import.meta.url))
  mkdirSync(dirname(path), { recursive: true })
  if (read(path) !== source) writeFileSync(path, source)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

function versionOf(name: string): string {
  return require(`${name}/package.json`).version
}

writeIfChanged(
  "command-table.ts",
  tableSource(require("@ioredis/commands/built/commands.json"), versionOf("@ioredis/commands")),
)
