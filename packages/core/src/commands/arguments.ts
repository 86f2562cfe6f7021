import { tagOf } from "../config/tag-of.ts"
import { ArgumentError } from "../errors.ts"
import type { Arg } from "../transport.ts"
import { keyPatternPositions, keyPositions } from "./keys.ts"
import { CHANNELS, type CommandSpec, PAIRS } from "./table.ts"

/** UTF-8. */
export const encoder = new TextEncoder()

/**
 * A method call as it goes on the wire: the name, then its arguments. Arrays are flattened one level deep; null
 * and undefined become ""; an object or a Map stands for pairs where the command takes them.
 *
 * @param prefix - Put before every key, and before the patterns of SORT.
 * @throws ArgumentError for a command without a name, for a function, a symbol and any other object.
 */
export function toArgs(spec: CommandSpec, args: readonly unknown[], prefix = ""): Arg[] {
  if (spec.wire === "") throw new ArgumentError("call takes a command's name first")
  const given = args.some(isFolded) ? unfold(spec, args) : args
  // Of the right length from the start: most calls need one or two arguments, and nothing to unfold.
  const flat = new Array<Arg>(given.length + 1)
  flat[0] = spec.wire
  for (let i = 0; i < given.length; i++) flat[i + 1] = toArg(spec, given[i], i + 1)
  // Channels are no keys: PUBLISH has no prefix either.
  if (prefix !== "" && (spec.flags & CHANNELS) === 0)
    for (const index of [...keyPositions(spec, flat), ...keyPatternPositions(spec, flat)])
      flat[index] = prefixed(prefix, flat[index] ?? "")
  return flat
}

function isFolded(arg: unknown): boolean {
  return typeof arg === "object" && arg !== null && !(arg instanceof Uint8Array)
}

/** `hset(key, object)` and `mset(object)`: as in ioredis the object must be all there is beside the key. */
function unfold(spec: CommandSpec, args: readonly unknown[]): readonly unknown[] {
  const flat = args.flat()
  // MSET's keys alternate with values, so its object stands where the first key would.
  if ((spec.flags & PAIRS) === 0 || flat.length !== (spec.keyStep === 2 ? 1 : 2)) return flat
  const fields = flat.pop()
  const tag = tagOf(fields)
  if (tag === "Map") return [...flat, ...[...(fields as Map<unknown, unknown>)].flat()]
  return [...flat, ...(tag === "Object" ? Object.entries(fields as object).flat() : [fields])]
}

function toArg(spec: CommandSpec, arg: unknown, position: number): Arg {
  if (typeof arg === "string" || arg instanceof Uint8Array) return arg
  if (arg === null || arg === undefined) return ""
  // `String` rounds integers beyond 2^53 (`2 ** 63` ends in 6000) and turns to exponents, which INCRBY refuses.
  if (Number.isInteger(arg) && !Number.isSafeInteger(arg)) return String(BigInt(arg as number))
  if (typeof arg === "number" || typeof arg === "bigint" || typeof arg === "boolean") return String(arg)
  if (ArrayBuffer.isView(arg)) return new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength)
  if (tagOf(arg) === "ArrayBuffer") return new Uint8Array(arg as ArrayBuffer)
  throw new ArgumentError(
    `${spec.wire}: argument ${position} is of type ${tagOf(arg)}: pass a string, a number or bytes; ` +
      "callbacks are not supported, await the promise; there is no implicit JSON",
  )
}

function prefixed(prefix: string, key: Arg): Arg {
  if (typeof key === "string") return prefix + key
  const head = encoder.encode(prefix)
  const whole = new Uint8Array(head.length + key.length)
  whole.set(head)
  whole.set(key, head.length)
  return whole
}
