import type { Reply } from "./transport.ts"

const encoder = new TextEncoder()

/** The RESP bytes of a reply that was asked for raw; where the transport has none of them, they are made here. */
export function rawReply(reply: Reply): Reply {
  return Array.isArray(reply) ? Uint8Array.from(reply.map(respOf).join(""), byteOf) : reply
}

/** What a socket would have brought, one character for each byte. */
function respOf(reply: Reply): string {
  if (reply === null) return "$-1\r\n"
  if (reply instanceof Uint8Array) return `$${reply.length}\r\n${binaryOf(reply)}\r\n`
  if (reply instanceof Error) return `-${binaryOf(encoder.encode(reply.message))}\r\n`
  if (typeof reply === "object") return `*${reply.length}\r\n${reply.map(respOf).join("")}`
  return reply === "OK" ? "+OK\r\n" : `:${reply}\r\n`
}

function binaryOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
}

function byteOf(character: string): number {
  return character.charCodeAt(0)
}
