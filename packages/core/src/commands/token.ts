import type { Arg } from "../transport.ts"
import { decoder } from "./replies.ts"

/** Longest word that any command knows as an option or a subcommand, with room to spare. */
const LONGEST_TOKEN = 32

/** How many arguments follow each option that may stand before a key, or before the options that name one. */
const OPERANDS: ReadonlyMap<string, number> = new Map([
  // SORT, GEORADIUS
  ["limit", 2],
  ["get", 1],
  ["by", 1],
  ["store", 1],
  ["storedist", 1],
  // MIGRATE
  ["auth", 1],
  ["auth2", 2],
  // XREAD, XREADGROUP
  ["block", 1],
  ["count", 1],
  ["group", 2],
  ["claim", 1],
])

/** An argument as an option's name: lower case; "" where there is none, or when it can't be one. */
export function tokenAt(args: readonly Arg[], index: number): string {
  const arg = args[index] ?? ""
  if (arg.length > LONGEST_TOKEN) return ""
  return (typeof arg === "string" ? arg : decoder.decode(arg)).toLowerCase()
}

/** Where some of a command's options stand. They begin at `start`; what follows another option is none. */
export function optionsAt(wanted: readonly string[], args: readonly Arg[], start: number): number[] {
  const found: number[] = []
  for (let i = start; i < args.length; i++) {
    const token = tokenAt(args, i)
    if (wanted.includes(token)) found.push(i)
    i += OPERANDS.get(token) ?? 0
  }
  return found
}
