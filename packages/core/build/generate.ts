import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { interfacesSource } from "./interfaces.ts"
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

function packageOf(name: string): URL {
  return new URL(".", pathToFileURL(require.resolve(`${name}/package.json`)))
}

function versionOf(name: string): string {
  return require(`${name}/package.json`).version
}

const commands = require("@ioredis/commands/built/commands.json")
const declarations = new URL("built/utils/RedisCommander.d.ts", packageOf("ioredis"))

writeIfChanged("command-table.ts", tableSource(commands, versionOf("@ioredis/commands")))
writeIfChanged(
  "commands.ts",
  interfacesSource(readFileSync(declarations, "utf8"), commands, versionOf("ioredis")),
)
