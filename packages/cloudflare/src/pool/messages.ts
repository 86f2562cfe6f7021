import type { Redis, Subscription } from "@warmpool/core"
import type { Line } from "../service/messages.ts"
import type { Heard, Listening } from "../service/service.ts"
import { packError } from "../service/wire.ts"
import { Leash } from "./leash.ts"

const encoder = new TextEncoder()

/**
 * Subscribes for a caller in another Worker. The lines end with its leash; and when messages may have been missed, so
 * that it subscribes anew and knows.
 */
export async function hear(redis: Redis, listening: Listening): Promise<Heard> {
  let subscription: Subscription
  try {
    subscription = subscribe(redis, listening)
    await subscription.ready
  } catch (error) {
    return { refused: packError(error) }
  }
  const end = (): void => {
    stopWatching()
    void subscription.close()
  }
  const stopWatching = redis.on("gap", end)
  return { lines: linesOf(subscription, end), leash: new Leash(end) }
}

function subscribe(redis: Redis, { kind, names }: Listening): Subscription {
  if (kind === "p") return redis.psubscribe(names)
  return kind === "s" ? redis.ssubscribe(names) : redis.subscribe(names)
}

/** The runtime's own stream: of one made here it would not tell the reader that it has ended. */
function linesOf(subscription: Subscription, end: () => void): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  write(subscription, writable.getWriter()).then(end, end)
  return readable
}

async function write(
  subscription: Subscription,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    for await (const { channel, message, pattern } of subscription) {
      await writer.write(line(pattern === undefined ? [channel, message] : [channel, message, pattern]))
    }
    await writer.close()
  } catch (error) {
    // A reader that is too far behind would wait for ever for what was dropped.
    await writer.abort(error)
  }
}

function line(fields: Line): Uint8Array {
  return encoder.encode(`${JSON.stringify(fields)}\n`)
}
