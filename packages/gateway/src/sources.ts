import type { Redis } from "@warmpool/core"
import { monitor } from "@warmpool/core/monitor"

/** Events under way. */
export interface Source {
  /** Resolves when no more will come, for whatever reason. */
  readonly ended: Promise<void>
  close(): void
}

/** Where events go. */
export type Sink = (event: string) => void

/** Opens the source of a stream; its first events say that the server has confirmed it. Throws what the client throws. */
export function openSource(redis: Redis, channels: readonly string[], opening: Opening): Promise<Source> {
  return opening.name === "monitor" ? openMonitor(redis, opening) : openSubscription(redis, channels, opening)
}

/** Which stream, and where its events go. */
interface Opening {
  readonly name: string
  readonly sink: Sink
  /** Gives it up. */
  readonly signal: AbortSignal
}

async function openSubscription(
  redis: Redis,
  channels: readonly string[],
  { name, sink, signal }: Opening,
): Promise<Source> {
  const subscription = redis[name === "psubscribe" ? name : "subscribe"](channels, { signal })
  await subscription.ready
  channels.forEach((channel, index) => {
    sink(`${name},${channel},${index + 1}`)
  })
  const forward = async (): Promise<void> => {
    for await (const { channel, message, pattern } of subscription)
      sink(
        pattern === undefined ? `message,${channel},${message}` : `pmessage,${pattern},${channel},${message}`,
      )
  }
  // A server that refuses, or a client too slow for its messages: both end the stream, and its reader asks again.
  const ended = forward().catch(() => undefined)
  return { ended, close: () => void subscription.close() }
}

async function openMonitor(redis: Redis, { sink, signal }: Opening): Promise<Source> {
  const decoder = new TextDecoder()
  sink('"OK"')
  const { ended, close } = await monitor(redis.with({ signal }), (line) => sink(decoder.decode(line)))
  return { ended, close: () => void close() }
}
