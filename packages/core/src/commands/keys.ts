import { keyedSubcommands } from "../generated/command-table.ts"
import { streamOption } from "./blocking.ts"
import { BY_SUBCOMMAND, type CommandSpec, MOVABLE_KEYS } from "./table.ts"
import { hasWord, numberAt, tokenAt } from "./token.ts"

type Args = readonly unknown[]

const NONE: readonly number[] = []

/** Where each command has the count of the keys that follow it, as in EVAL. */
const COUNTS: Readonly<Record<string, number>> = {
  eval: 2,
  eval_ro: 2,
  evalsha: 2,
  evalsha_ro: 2,
  fcall: 2,
  fcall_ro: 2,
  blmpop: 2,
  bzmpop: 2,
  zdiffstore: 2,
  zinterstore: 2,
  zunionstore: 2,
  lmpop: 1,
  zmpop: 1,
  msetex: 1,
  sdiffcard: 1,
  sintercard: 1,
  sunioncard: 1,
  zdiff: 1,
  zinter: 1,
  zintercard: 1,
  zunion: 1,
}

/** Options of SORT and how many arguments follow each; SORT's own parser skips them alike. */
const SORT_OPERANDS: ReadonlyMap<string, number> = new Map([
  ["limit", 2],
  ["get", 1],
  ["by", 1],
  ["store", 1],
])

/** Options of MIGRATE and how many arguments follow each. */
const MIGRATE_OPERANDS: ReadonlyMap<string, number> = new Map([
  ["auth", 1],
  ["auth2", 2],
])

/**
 * The indexes of the keys in `args`, which start with the name. The same as the server's COMMAND GETKEYS, and
 * empty where that is an error; shard channels count as keys, because they decide the slot.
 */
export function keyPositions(spec: CommandSpec, args: Args): readonly number[] {
  if ((spec.flags & BY_SUBCOMMAND) !== 0 && !hasWord(keyedSubcommands[spec.name], tokenAt(args, 1))) {
    return NONE
  }
  return (spec.flags & MOVABLE_KEYS) === 0 ? fixedKeys(spec, args) : movableKeys(spec, args)
}

/** The indexes of the patterns in SORT's BY and GET, which name keys and are none; a key prefix applies to them. */
export function keyPatternPositions(spec: CommandSpec, args: Args): readonly number[] {
  if (spec.name !== "sort" && spec.name !== "sort_ro") return NONE
  return [...sortOptions(args, "by"), ...sortOptions(args, "get")].filter((index) => args[index] !== "#")
}

function fixedKeys({ firstKey, lastKey, keyStep }: CommandSpec, args: Args): readonly number[] {
  if (firstKey === 0) return NONE
  const last = lastKey < 0 ? args.length + lastKey : Math.min(lastKey, args.length - 1)
  const positions: number[] = []
  for (let i = firstKey; i <= last; i += keyStep) positions.push(i)
  return positions
}

function movableKeys(spec: CommandSpec, args: Args): readonly number[] {
  const count = COUNTS[spec.name]
  if (count !== undefined) return countedKeys(spec, args, count)
  if (spec.name === "xread" || spec.name === "xreadgroup") return streamKeys(args)
  if (spec.name === "migrate") return migrateKeys(args)
  return [
    ...fixedKeys(spec, args),
    ...(spec.name.startsWith("sort") ? sortTarget(spec, args) : geoTargets(args)),
  ]
}

/** Keys after their count; those of MSETEX alternate with values. */
function countedKeys(spec: CommandSpec, args: Args, count: number): readonly number[] {
  const step = spec.name === "msetex" ? 2 : 1
  const keys = numberAt(args, count)
  if (!Number.isInteger(keys) || keys < 0 || count + keys * step >= args.length) return NONE
  const positions: number[] = spec.firstKey === 0 ? [] : [spec.firstKey]
  for (let i = 0; i < keys; i++) positions.push(count + 1 + i * step)
  return positions
}

/** The first half of what follows STREAMS; the other half are ids. */
function streamKeys(args: Args): readonly number[] {
  const streams = streamOption(args, "streams")
  const rest = args.length - streams - 1
  return streams < 0 ? NONE : Array.from({ length: Math.floor(rest / 2) }, (_, i) => streams + 1 + i)
}

/** The one key, or those after KEYS when it is empty. */
function migrateKeys(args: Args): readonly number[] {
  if (args.length <= 3) return NONE
  if (tokenAt(args, 3) !== "" || isLong(args[3])) return [3]
  for (let i = 6; i < args.length; i++) {
    if (tokenAt(args, i) === "keys") return Array.from({ length: args.length - i - 1 }, (_, n) => i + 1 + n)
    i += MIGRATE_OPERANDS.get(tokenAt(args, i)) ?? 0
  }
  return [3]
}

function isLong(arg: unknown): boolean {
  return (typeof arg === "string" || arg instanceof Uint8Array) && arg.length > 0
}

/** The key that SORT stores its result in: the last STORE counts. */
function sortTarget(spec: CommandSpec, args: Args): readonly number[] {
  return spec.name === "sort" ? sortOptions(args, "store").slice(-1) : NONE
}

/** Indexes of the operands of one of SORT's options. */
function sortOptions(args: Args, wanted: string): readonly number[] {
  const positions: number[] = []
  for (let i = 2; i < args.length; i++) {
    const token = tokenAt(args, i)
    if (token === wanted && i + 1 < args.length) positions.push(i + 1)
    i += SORT_OPERANDS.get(token) ?? 0
  }
  return positions
}

/** The keys that GEORADIUS and GEORADIUSBYMEMBER store in, after at least five words of theirs. */
function geoTargets(args: Args): readonly number[] {
  const targets: number[] = []
  for (let i = 5; i + 1 < args.length; i++) {
    const token = tokenAt(args, i)
    if (token === "store" || token === "storedist") targets.push(++i)
  }
  return targets
}
