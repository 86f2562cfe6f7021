import type { Reply } from "../transport.ts"

/** UTF-8, byte for byte: a byte order mark is a character like any other. */
export const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** HGETALL's pairs as an object whose keys are strings, `{}` for none. What is not an array stays as it is. */
export function toObject(reply: Reply): unknown {
  if (!Array.isArray(reply)) return reply
  // By assignment: `Object.fromEntries` takes three times as long.
  const object: Record<string, Reply | undefined> = {}
  for (let i = 0; i + 1 < reply.length; i += 2) {
    const field = String(toText(reply[i] ?? ""))
    const value = reply[i + 1]
    if (field === "__proto__")
      Object.defineProperty(object, field, { value, configurable: true, enumerable: true, writable: true })
    else object[field] = value
  }
  return object
}

/** A reply that came as bytes, as text. */
export function toText(reply: Reply): Reply {
  if (reply instanceof Uint8Array) return decoder.decode(reply)
  return Array.isArray(reply) ? reply.map(toText) : reply
}
