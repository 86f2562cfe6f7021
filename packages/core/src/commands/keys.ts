import type { Arg } from "../transport.ts"
import { isStreamRead } from "./blocking.ts"
import { COUNT_FIRST, COUNT_SECOND, type CommandSpec, MOVABLE_KEYS, specFor } from "./table.ts"
import { optionsAt, tokenAt } from "./token.ts"

type Args = readonly Arg[]

/**
 * The indexes of the keys in `args`, which start with the name: at least those of the server's COMMAND GETKEYS, and no
 * matter which where that is an error. Shard channels count as keys, because they decide the slot.
 */
export function keyPositions(spec: CommandSpec, args: Args): readonly number[] {
  const { name, flags, firstKey, lastKey, keyStep } = specFor(spec, args)
  const end = lastKey < 0 ? args.length + lastKey + 1 : Math.min(lastKey + 1, args.length)
  const fixed = firstKey === 0 ? [] : range(firstKey, end, keyStep)
  if ((flags & COUNT_FIRST) !== 0) return countedKeys(args, 1, name === "msetex" ? 2 : 1)
  if ((flags & COUNT_SECOND) !== 0) return [...fixed, ...countedKeys(args, 2, 1)]
  if ((flags & MOVABLE_KEYS) === 0) return fixed
  if (isStreamRead(spec)) {
    // The first half of what follows STREAMS; the other half are ids.
    const [streams = args.length] = optionsAt(["streams"], args, 1)
    return range(streams + 1, (streams + 1 + args.length) >> 1)
  }
  if (name === "migrate") {
    // The one key, or those after KEYS when it is empty.
    const [keys] = tokenAt(args, 3) === "" ? optionsAt(["keys"], args, 6) : []
    return keys === undefined ? fixed : range(keys + 1, args.length)
  }
  return [...fixed, ...operandsOf(["store", "storedist"], args, isSort(spec) ? 2 : 5)]
}

/** The indexes of the patterns in SORT's BY and GET, which name keys and are none; a key prefix applies to them. */
export function keyPatternPositions(spec: CommandSpec, args: Args): readonly number[] {
  if (!isSort(spec)) return []
  return operandsOf(["by", "get"], args, 2).filter((index) => args[index] !== "#")
}

function isSort({ name }: CommandSpec): boolean {
  return name.startsWith("sort")
}

/** Keys after their count, which stands at `index`; those of MSETEX alternate with values. */
function countedKeys(args: Args, index: number, step: number): readonly number[] {
  const end = index + 1 + Number(tokenAt(args, index)) * step
  return end > args.length ? [] : range(index + 1, end, step)
}

/** Indexes of what follows some of a command's options, which begin at `start`. */
function operandsOf(wanted: readonly string[], args: Args, start: number): number[] {
  return optionsAt(wanted, args, start)
    .map((index) => index + 1)
    .filter((index) => index < args.length)
}

function range(start: number, end: number, step = 1): number[] {
  const indexes: number[] = []
  for (let i = start; i < end; i += step) indexes.push(i)
  return indexes
}
