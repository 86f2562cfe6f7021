import type { Redis, Subscription } from "@warmpool/core"
import type { Listening } from "../service/service.ts"

const encoder = new TextEncoder()

/**
 * A subscription as lines of JSON: `[]` once it stands, then `[channel, message]` or `[channel, message, pattern]`.
 * It ends with its reader.
 */
export function messagesOf(redis: Redis, listening: Listening): ReadableStream<Uint8Array> {
  const subscription = subscribe(redis, listening)
  const messages = subscription[Symbol.asyncIterator]()
  // Only a stream of bytes crosses between Workers.
  const source: UnderlyingByteSource = {
    type: "bytes",
    async start(controller) {
      await subscription.ready
      controller.enqueue(line([]))
    },
    async pull(controller) {
      const { done, value } = await messages.next()
      if (done) controller.close()
      else
        controller.enqueue(
          line([value.channel, value.message, ...(value.pattern === undefined ? [] : [value.pattern])]),
        )
    },
    cancel: () => subscription.close(),
  }
  return new ReadableStream(source)
}

function subscribe(redis: Redis, { kind, names }: Listening): Subscription {
  if (kind === "p") return redis.psubscribe(names)
  return kind === "s" ? redis.ssubscribe(names) : redis.subscribe(names)
}

function line(fields: readonly string[]): Uint8Array {
  return encoder.encode(`${JSON.stringify(fields)}\n`)
}
