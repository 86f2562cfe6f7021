import { ReplyError } from "@warmpool/core"

/** Ours go on the wire in upper case, ioredis's as they were called; the server repeats an unknown one. */
const UNKNOWN = /unknown command ['`]\S+/

/**
 * A reply as two clients' replies are compared: bytes of any class are bytes, an error is its name and message
 * without the arguments that the server echoes, an object is its entries in order.
 */
export function seen(reply: unknown): unknown {
  if (reply instanceof Error) return `${reply.name}: ${messageOf(reply)}`
  if (reply instanceof Uint8Array) return { bytes: Buffer.from(reply).toString("latin1") }
  if (Array.isArray(reply)) return reply.map(seen)
  if (typeof reply !== "object" || reply === null) return reply
  return { entries: Object.entries(reply).map(([field, value]) => [field, seen(value)]) }
}

function messageOf(error: Error): string {
  return new ReplyError(error.message).message.replace(UNKNOWN, (words) => words.toLowerCase())
}

/** What a reply is made of, where its contents are the server's to choose: no lengths, no values but null. */
export function shapeOf(reply: unknown): unknown {
  if (reply instanceof Error) return seen(reply)
  if (reply instanceof Uint8Array) return "bytes"
  if (Array.isArray(reply)) return { array: distinct(reply.map(shapeOf)) }
  if (typeof reply === "number") return reply < 0 ? "negative number" : "number"
  if (typeof reply !== "object" || reply === null) return reply === null ? null : typeof reply
  return { object: distinct(Object.values(reply).map(shapeOf)) }
}

/** A reply whose order is the server's to choose. */
export function unordered(reply: unknown): unknown {
  if (!Array.isArray(reply)) return seen(reply)
  const parts = reply.map((part) => JSON.stringify(unordered(part)))
  return parts.sort()
}

function distinct(shapes: readonly unknown[]): readonly string[] {
  return [...new Set(shapes.map((shape) => JSON.stringify(shape)))].sort()
}
