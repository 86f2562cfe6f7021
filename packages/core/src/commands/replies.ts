import type { Reply } from "../transport.ts"

/** UTF-8, byte for byte: a byte order mark is a character like any other. */
export const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** HGETALL's pairs as an object whose keys are strings, `{}` for none. What is not an array stays as it is. */
export function toObject(reply: Reply): unknown {
  if (!Array.isArray(reply)) return reply
  const object: Record<string, Reply> = {}
  for (let i = 0; i + 1 < reply.length; i += 2) {
    const [field, value] = [reply[i], reply[i + 1]]
    const name = String(toText(field ?? ""))
    // Plain assignment would set the prototype.
    if (name === "__proto__")
      Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true })
    else object[name] = value
  }
  return object
}

/** A reply that came as bytes, as text. */
export function toText(reply: Reply): Reply {
  if (reply instanceof Uint8Array) return decoder.decode(reply)
  return Array.isArray(reply) ? reply.map(toText) : reply
}
