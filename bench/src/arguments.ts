import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { benches } from "./benches/index.ts"
import { type Effort, FULL } from "./effort.ts"

const USAGE = `npm run bench [-- <name>…] [--rounds <n>] [--out <folder>]; names: ${Object.keys(benches).join(", ")}`

/** What the command line asks for. */
export interface Wish {
  readonly names: readonly string[]
  readonly effort: Effort
  readonly folder: string
}

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with it.
 */
export function readArguments(args: readonly string[]): Wish {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: "string" }, out: { type: "string" } },
  })
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name))
  if (unknown !== undefined) throw new Error(`there is no bench "${unknown}": ${USAGE}`)
  return {
    names: positionals.length > 0 ? positionals : Object.keys(benches),
    effort: effortOf(values.rounds),
    folder: values.out === undefined ? fileURLToPath(new URL("..", import.meta.url)) : resolve(values.out),
  }
}

function effortOf(wish: string | undefined): Effort {
  if (wish === undefined) return FULL
  const rounds = Number(wish)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a whole number above 0: ${USAGE}`)
  return { ...FULL, rounds, fineRounds: rounds }
}
