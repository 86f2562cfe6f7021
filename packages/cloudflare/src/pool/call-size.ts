import { isWireError, type WireError, type WireReply } from "../service/wire.ts"

/** Most that a call gives back, bytes, and some room for what goes around it. Source: Cloudflare's documentation of RPC. */
const MOST_BYTES = 32 * 1024 * 1024 - 65_536
/** What a value costs beside its text, bytes: a bound. */
const AROUND = 16
/** The same of an error, whose parts have names. */
const AROUND_ERROR = 64
/** From this length on it pays to look which form a text takes. */
const LONG = 65_536

const TOO_LARGE: WireError = {
  name: "UnsupportedCommandError",
  message:
    "it ran, and its reply found no room: the replies of one call to the pool take 32 MiB at most: ask for less at once",
  fate: "unknown",
}

/**
 * Gives the replies of one call, with an error in place of each that it can't carry: as a whole none would arrive.
 *
 * @param count - How many there will be: each takes its place at the least, also by that error.
 */
export function fitIntoCall(count: number): (reply: WireReply) => WireReply {
  let left = MOST_BYTES - count * AROUND
  return (reply) => {
    const size = sizeOf(reply) - AROUND
    if (size > left) return TOO_LARGE
    left -= size
    return reply
  }
}

/** At most so many bytes: the runtime writes a text in one byte for each character, or in two. */
function sizeOf(reply: WireReply): number {
  if (typeof reply === "string") return AROUND + reply.length * (isNarrow(reply) ? 1 : 2)
  if (reply instanceof Uint8Array) return AROUND + reply.byteLength
  if (Array.isArray(reply)) return reply.reduce((size, one) => size + sizeOf(one), AROUND)
  return isWireError(reply) ? sizeOfError(reply) : AROUND
}

function sizeOfError({ name, message, previous = [] }: WireError): number {
  return AROUND_ERROR + sizeOf(name) + sizeOf(message) + sizeOf(previous)
}

function isNarrow(text: string): boolean {
  return text.length >= LONG && !/[^\0-\xff]/.test(text)
}
