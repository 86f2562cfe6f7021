import type { Redis, Subscription } from "@warmpool/core"
import type { Line } from "../service/messages.ts"
import type { Listening } from "../service/service.ts"
import { packError } from "../service/wire.ts"

const encoder = new TextEncoder()

/**
 * A subscription as lines of JSON. It ends with its reader; and when messages may have been missed, so that the reader
 * subscribes anew and knows.
 */
export function messagesOf(redis: Redis, listening: Listening): ReadableStream<Uint8Array> {
  const subscription = subscribe(redis, listening)
  const messages = subscription[Symbol.asyncIterator]()
  const stopWatching = redis.on("gap", () => void subscription.close())
  // Only a stream of bytes crosses between Workers.
  const source: UnderlyingByteSource = {
    type: "bytes",
    async start(controller) {
      const refusal = await subscription.ready.then(() => undefined, packError)
      controller.enqueue(line(refusal ?? []))
    },
    async pull(controller) {
      const { done, value } = await messages.next()
      if (!done) {
        const { channel, message, pattern } = value
        controller.enqueue(line(pattern === undefined ? [channel, message] : [channel, message, pattern]))
        return
      }
      stopWatching()
      controller.close()
      controller.byobRequest?.respond(0)
    },
    async cancel() {
      stopWatching()
      await subscription.close()
    },
  }
  return new ReadableStream(source)
}

function subscribe(redis: Redis, { kind, names }: Listening): Subscription {
  if (kind === "p") return redis.psubscribe(names)
  return kind === "s" ? redis.ssubscribe(names) : redis.subscribe(names)
}

function line(fields: Line): Uint8Array {
  return encoder.encode(`${JSON.stringify(fields)}\n`)
}
