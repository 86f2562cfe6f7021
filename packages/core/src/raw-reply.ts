import { encoder } from "./commands/arguments.ts"
import { copyBytes, Gather } from "./resp/gather.ts"
import type { Reply } from "./transport.ts"

/** The RESP bytes of a reply that was asked for raw; where the transport has none of them, they are made here. */
export function rawReply(reply: Reply): Reply {
  if (!Array.isArray(reply)) return reply
  const whole = new Gather()
  for (const item of reply) write(item, whole)
  return copyBytes(whole.bytes, 0, whole.length)
}

/** Writes what a socket would have brought. */
function write(reply: Reply, whole: Gather): void {
  const isBytes = reply instanceof Uint8Array
  whole.add(encoder.encode(isBytes ? `$${reply.length}\r\n` : lineOf(reply)))
  if (isBytes) {
    whole.add(reply)
    whole.add(encoder.encode("\r\n"))
  }
  if (Array.isArray(reply)) for (const item of reply) write(item, whole)
}

function lineOf(reply: Exclude<Reply, Uint8Array>): string {
  if (reply === null) return "$-1\r\n"
  if (reply instanceof Error) return `-${reply.message}\r\n`
  if (typeof reply === "object") return `*${reply.length}\r\n`
  return reply === "OK" ? "+OK\r\n" : `:${reply}\r\n`
}
