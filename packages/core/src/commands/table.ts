import { commandTable } from "../generated/command-table.ts"
import type { Arg } from "../transport.ts"
import { tokenAt } from "./token.ts"

/** What is known of one command. */
export interface CommandSpec {
  /** Lower case: the method's name. */
  readonly name: string
  /** Upper case: as it goes on the wire. */
  readonly wire: string
  /** The bits below. */
  readonly flags: number
  /** Index of the first key, the name being 0; 0 when there is none at a fixed place. */
  readonly firstKey: number
  /** Index of the last key; negative counts from the end, -1 being the last argument. */
  readonly lastKey: number
  readonly keyStep: number
}

/** May be sent again without harm: it changes nothing, and another connection gives as good an answer. */
export const READ = 1
/** May wait on the server; XREAD and XREADGROUP only with a BLOCK argument. */
export const BLOCKING = 2
/** Changes its connection, or depends on what was sent there before. */
export const STATEFUL = 4
/** Its replies do not match requests one to one, or the connection ends: no lane carries it. */
export const UNSENDABLE = 8
/** The arguments say where keys are. */
export const MOVABLE_KEYS = 16
/** The first argument decides what holds: see `specFor`. */
export const BY_SUBCOMMAND = 32
/** Takes an object or a Map in place of pairs. */
export const PAIRS = 64
/** Its reply of pairs becomes an object. */
export const OBJECT_REPLY = 128
/** What stands at its key positions are shard channels: they decide the slot, and no key prefix applies. */
export const CHANNELS = 256

/** Its first argument is the count of the keys that follow, as in LMPOP. */
export const COUNT_FIRST = 512
/** Its second argument is the count of the keys that follow, as in EVAL. */
export const COUNT_SECOND = 1024
/** It is not made into a method: the client has its own way, or there is none. */
export const OWN_METHOD = 2048

/** By name, and by "command|subcommand" where other things hold of a subcommand than of its command. */
const specs = new Map<string, CommandSpec>()

for (const line of commandTable.split("\n")) {
  const words = line.split(" ")
  const columns = words.splice(0, 4).map(Number)
  for (const word of words) specs.set(word, specFrom(word.replace(/\|.*/, ""), columns))
}

function specFrom(
  name: string,
  [flags = 0, firstKey = 0, lastKey = 0, keyStep = 0]: readonly number[],
): CommandSpec {
  return { name, wire: name.toUpperCase(), flags, firstKey, lastKey, keyStep }
}

/** The specs of all known commands. */
export const commandSpecs: readonly CommandSpec[] = [...specs.values()].filter(
  (spec) => specs.get(spec.name) === spec,
)

/** The spec of a command, its name in any case. An unknown one counts as a write without keys. */
export function specOf(name: string): CommandSpec {
  const lower = name.toLowerCase()
  return specs.get(lower) ?? specFrom(lower, [])
}

/** What holds for a call: what its subcommand says, where that is not what its command says. `args` start with the name. */
export function specFor(spec: CommandSpec, args: readonly Arg[]): CommandSpec {
  if ((spec.flags & BY_SUBCOMMAND) === 0) return spec
  return specs.get(`${spec.name}|${tokenAt(args, 1)}`) ?? spec
}
