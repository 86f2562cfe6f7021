import { ArgumentError } from "../errors.ts"
import type { Arg } from "../transport.ts"
import { keyPatternPositions, keyPositions } from "./keys.ts"
import { CHANNELS, type CommandSpec, PAIRS } from "./table.ts"

const encoder = new TextEncoder()

/**
 * A method call as it goes on the wire: the name, then its arguments. Arrays are flattened one level deep; null
 * and undefined become ""; an object or a Map stands for pairs where the command takes them.
 *
 * @param prefix - Put before every key, and before the patterns of SORT.
 * @throws ArgumentError for a function, a symbol and any other object.
 */
export function toArgs(spec: CommandSpec, args: readonly unknown[], prefix = ""): Arg[] {
  const flat = inPlace(spec, args) ?? pairsOf(spec, args) ?? flatten(spec, args)
  return prefix === "" ? flat : withPrefix(spec, flat, prefix)
}

/** What nearly all calls need: one array of the right length. Undefined when there is something to unfold. */
function inPlace(spec: CommandSpec, args: readonly unknown[]): Arg[] | undefined {
  const flat = new Array<Arg>(args.length + 1)
  flat[0] = spec.wire
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (typeof arg === "string" || arg instanceof Uint8Array) flat[i + 1] = arg
    else if (typeof arg === "object" && arg !== null) return undefined
    else flat[i + 1] = toArg(spec, arg, i + 1)
  }
  return flat
}

/** Loops, because `Array.prototype.flat` takes three times as long; like it, they leave out holes. */
function flatten(spec: CommandSpec, args: readonly unknown[]): Arg[] {
  const flat: Arg[] = [spec.wire]
  for (const arg of args) {
    const items: readonly unknown[] = Array.isArray(arg) ? arg : [arg]
    for (let i = 0; i < items.length; i++) if (i in items) flat.push(toArg(spec, items[i], flat.length))
  }
  return flat
}

/** `hset(key, object)` and `mset(object)`: as in ioredis the object must be all there is beside the key. */
function pairsOf(spec: CommandSpec, args: readonly unknown[]): Arg[] | undefined {
  if ((spec.flags & PAIRS) === 0) return undefined
  const given = args.flat()
  const fields = given.pop()
  // MSET's keys alternate with values, so its object stands where the first key would.
  if (given.length !== (spec.keyStep === 2 ? 0 : 1)) return undefined
  const tag = tagOf(fields)
  if (tag === "Map") return flatten(spec, [...given, ...(fields as Map<unknown, unknown>)])
  return tag === "Object" ? flatten(spec, [...given, ...Object.entries(fields as object)]) : undefined
}

function toArg(spec: CommandSpec, arg: unknown, position: number): Arg {
  if (typeof arg === "string" || arg instanceof Uint8Array) return arg
  if (arg === null || arg === undefined) return ""
  if (typeof arg === "number") return ofNumber(arg)
  if (typeof arg === "bigint" || typeof arg === "boolean") return String(arg)
  if (ArrayBuffer.isView(arg)) return new Uint8Array(arg.buffer, arg.byteOffset, arg.byteLength)
  if (tagOf(arg) === "ArrayBuffer") return new Uint8Array(arg as ArrayBuffer)
  throw new ArgumentError(`${spec.wire}: argument ${position} is ${complaint(spec, arg)}`)
}

/** `String` rounds integers beyond 2^53 (`2 ** 63` ends in 6000) and turns to exponents, which INCRBY refuses. */
function ofNumber(number: number): string {
  const isLarge = Number.isInteger(number) && !Number.isSafeInteger(number)
  return isLarge ? String(BigInt(number)) : String(number)
}

/** Names the kind of a wrong argument and the way out, never its value. */
function complaint(spec: CommandSpec, arg: unknown): string {
  if (typeof arg === "function") return "a function: callbacks are not supported, await the promise"
  if (typeof arg === "symbol") return "a symbol: pass a string"
  if (Array.isArray(arg)) return "an array inside an array: arrays are flattened one level deep"
  if (tagOf(arg) === "Promise") return "a promise: await it first"
  if ((spec.flags & PAIRS) !== 0) return "an object: one object or Map alone may stand for all pairs"
  return "an object: pass a string, a number or bytes (there is no implicit JSON)"
}

/** The kind of a value, also of one made in another realm. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** Puts the prefix before the keys, in place. Channels are no keys: PUBLISH has no prefix either. */
function withPrefix(spec: CommandSpec, args: Arg[], prefix: string): Arg[] {
  if ((spec.flags & CHANNELS) !== 0) return args
  for (const index of [...keyPositions(spec, args), ...keyPatternPositions(spec, args)])
    args[index] = prefixed(prefix, args[index] ?? "")
  return args
}

function prefixed(prefix: string, key: Arg): Arg {
  if (typeof key === "string") return prefix + key
  const head = encoder.encode(prefix)
  const whole = new Uint8Array(head.length + key.length)
  whole.set(head)
  whole.set(key, head.length)
  return whole
}
