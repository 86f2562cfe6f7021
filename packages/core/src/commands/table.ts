import { commandTable } from "../generated/command-table.ts"

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
/** The first argument decides what holds: `isRead`, `isStateful` and `keyPositions` look at it. */
export const BY_SUBCOMMAND = 32
/** Takes an object or a Map in place of pairs. */
export const PAIRS = 64
/** Its reply of pairs becomes an object. */
export const OBJECT_REPLY = 128
/** What stands at its key positions are shard channels: they decide the slot, and no key prefix applies. */
export const CHANNELS = 256

const specs = new Map<string, CommandSpec>()

for (const line of commandTable.split("\n")) {
  const words = line.split(" ")
  const [flags = 0, firstKey = 0, lastKey = 0, keyStep = 0] = words.splice(0, 4).map(Number)
  for (const name of words)
    specs.set(name, { name, wire: name.toUpperCase(), flags, firstKey, lastKey, keyStep })
}

/** The names of all known commands, in lower case. */
export const commandNames: readonly string[] = [...specs.keys()]

/** The spec of a command, its name in any case. An unknown one counts as a write without keys. */
export function specOf(name: string): CommandSpec {
  const known = specs.get(name) ?? specs.get(name.toLowerCase())
  if (known) return known
  return { name: name.toLowerCase(), wire: name.toUpperCase(), flags: 0, firstKey: 0, lastKey: 0, keyStep: 0 }
}
