import type { Reply } from "../transport.ts"

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** HGETALL's pairs as an object whose keys are strings, `{}` for none. What is not an array stays as it is. */
export function toObject(reply: Reply): unknown {
  if (!Array.isArray(reply)) return reply
  const object: Record<string, Reply> = {}
  for (let i = 0; i + 1 < reply.length; i += 2) {
    const field = reply[i]
    setOwn(object, field instanceof Uint8Array ? decoder.decode(field) : String(field), reply[i + 1])
  }
  return object
}

/** A reply that came as bytes, as text. */
export function toText(reply: Reply): Reply {
  if (reply instanceof Uint8Array) return decoder.decode(reply)
  return Array.isArray(reply) ? reply.map(toText) : reply
}

/** Sets an own property even where plain assignment would set the prototype. */
function setOwn(object: Record<string, Reply>, field: string, value: Reply): void {
  if (field !== "__proto__") {
    object[field] = value
    return
  }
  Object.defineProperty(object, field, { value, configurable: true, enumerable: true, writable: true })
}
