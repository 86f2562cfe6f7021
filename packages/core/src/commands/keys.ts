import { isStreamRead, streamOption } from "./blocking.ts"
import { optionOperands } from "./option-operands.ts"
import { COUNT_FIRST, COUNT_SECOND, type CommandSpec, MOVABLE_KEYS, specFor } from "./table.ts"
import { numberAt, tokenAt } from "./token.ts"

type Args = readonly unknown[]

/**
 * The indexes of the keys in `args`, which start with the name. The same as the server's COMMAND GETKEYS, and
 * empty where that is an error; shard channels count as keys, because they decide the slot.
 */
export function keyPositions(spec: CommandSpec, args: Args): readonly number[] {
  const { flags, firstKey, lastKey, keyStep } = specFor(spec, args)
  if ((flags & (COUNT_FIRST | COUNT_SECOND)) !== 0) return countedKeys(spec, args)
  if ((flags & MOVABLE_KEYS) !== 0 && isStreamRead(spec)) return streamKeys(args)
  if (spec.name === "migrate") return migrateKeys(args)
  if (firstKey === 0) return []
  const last = lastKey < 0 ? args.length + lastKey : Math.min(lastKey, args.length - 1)
  const fixed = range(firstKey, last + 1, keyStep)
  return (flags & MOVABLE_KEYS) === 0 ? fixed : [...fixed, ...targets(spec, args)]
}

/** The indexes of the patterns in SORT's BY and GET, which name keys and are none; a key prefix applies to them. */
export function keyPatternPositions(spec: CommandSpec, args: Args): readonly number[] {
  if (!isSort(spec)) return []
  return operandsOf(["by", "get"], args, 2).filter((index) => args[index] !== "#")
}

function isSort({ name }: CommandSpec): boolean {
  return name === "sort" || name === "sort_ro"
}

function range(start: number, end: number, step = 1): number[] {
  const indexes: number[] = []
  for (let i = start; i < end; i += step) indexes.push(i)
  return indexes
}

/** Keys after their count; those of MSETEX alternate with values. */
function countedKeys({ name, flags, firstKey }: CommandSpec, args: Args): readonly number[] {
  const count = (flags & COUNT_FIRST) !== 0 ? 1 : 2
  const step = name === "msetex" ? 2 : 1
  const keys = numberAt(args, count)
  const end = count + 1 + keys * step
  if (!Number.isInteger(keys) || keys < 0 || end > args.length) return []
  return [...range(firstKey, firstKey && firstKey + 1), ...range(count + 1, end, step)]
}

/** The first half of what follows STREAMS; the other half are ids. */
function streamKeys(args: Args): readonly number[] {
  const first = streamOption(args, "streams") + 1
  return first === 0 ? [] : range(first, first + Math.floor((args.length - first) / 2))
}

/** The one key, or those after KEYS when it is empty. */
function migrateKeys(args: Args): readonly number[] {
  if (args.length <= 3) return []
  const isEmpty = (key: unknown) =>
    !(typeof key === "string" || key instanceof Uint8Array) || key.length === 0
  const [first] = isEmpty(args[3]) ? optionsAt(["keys"], args, 6) : []
  return first === undefined ? [3] : range(first + 1, args.length)
}

/** The keys that SORT (the last STORE counts), GEORADIUS and GEORADIUSBYMEMBER store in. */
function targets(spec: CommandSpec, args: Args): readonly number[] {
  return isSort(spec) ? operandsOf(["store"], args, 2).slice(-1) : operandsOf(["store", "storedist"], args, 5)
}

/** Indexes of what follows some of a command's options, which begin at `start`. */
function operandsOf(wanted: readonly string[], args: Args, start: number): number[] {
  return optionsAt(wanted, args, start).flatMap((index) => (index + 1 < args.length ? [index + 1] : []))
}

function optionsAt(wanted: readonly string[], args: Args, start: number): number[] {
  const found: number[] = []
  for (let i = start; i < args.length; i++) {
    const token = tokenAt(args, i)
    if (wanted.includes(token)) found.push(i)
    i += optionOperands.get(token) ?? 0
  }
  return found
}
