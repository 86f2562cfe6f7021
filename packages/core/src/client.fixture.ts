import { createRedis } from "./create-redis.ts"
import type { Fate } from "./errors.ts"
import type { EventName } from "./events.ts"
import { fateOf } from "./fate-of.ts"
import type { Scope } from "./host.ts"
import type { RedisOptions } from "./options.ts"
import type { Redis } from "./redis.ts"
import { FakeHost } from "./testing/fake-host.ts"
import { FakeTransport, type FakeTransportOptions } from "./testing/fake-transport.ts"

/** A client over a fake transport on a fake clock, and the events it gave. */
export interface Bench {
  readonly redis: Redis
  readonly transport: FakeTransport
  readonly host: FakeHost
}

type Given = Partial<Omit<RedisOptions, "transport" | "host">>

/** A client that has not connected yet. */
export function cold(options: Given = {}, parts: FakeTransportOptions = {}): Bench {
  const host = parts.host ?? new FakeHost()
  const transport = new FakeTransport({ ...parts, host })
  return { host, transport, redis: createRedis({ ...options, transport, host }) }
}

/** A client whose shared connection has answered a PING; what was sent for it is forgotten. */
export async function warm(options: Given = {}, parts: FakeTransportOptions = {}): Promise<Bench> {
  const bench = cold(options, parts)
  await bench.redis.prewarm()
  await bench.host.settle()
  forget(bench.transport)
  return bench
}

/** Forgets what was sent so far. */
export function forget(transport: FakeTransport): void {
  for (const { sent } of transport.connections) sent.splice(0)
}

/** The commands sent over all connections as lines of words; a transaction with its MULTI and EXEC. */
export function lines(transport: FakeTransport): string[] {
  return transport.commands.map((args) => args.join(" "))
}

/** The batches sent over one connection, each as lines of words. */
export function batches(transport: FakeTransport, index = 0): string[][] {
  return (transport.connections[index]?.sent ?? []).map((batch) => batch.map((args) => args.join(" ")))
}

/** What has become of a promise by now. */
export interface Watched {
  state: "pending" | "resolved" | "rejected"
  value: unknown
  error: Error | undefined
  fate: Fate | undefined
}

/** Follows a promise without waiting for it; its rejection counts as handled. */
export function watch(promise: Promise<unknown>): Watched {
  const watched: Watched = { state: "pending", value: undefined, error: undefined, fate: undefined }
  promise.then(
    (value) => Object.assign(watched, { state: "resolved", value }),
    (error) => Object.assign(watched, { state: "rejected", error, fate: fateOf(promise) }),
  )
  return watched
}

/** The details of an event, as they come. */
export function record(redis: Redis, event: EventName): unknown[] {
  const details: unknown[] = []
  redis.on(event, (detail) => details.push(detail))
  return details
}

/** An invocation under a test's control. */
export class FakeScope implements Scope {
  readonly endsAt: number
  readonly signal: AbortSignal
  /** What was given to `track`. */
  readonly tracked: Promise<unknown>[] = []
  readonly #abort = new AbortController()
  readonly #onEnd: (() => void)[] = []

  constructor(endsAt = Number.POSITIVE_INFINITY) {
    this.endsAt = endsAt
    this.signal = this.#abort.signal
  }

  track(done: Promise<unknown>): void {
    this.tracked.push(done)
  }

  onEnd(run: () => void): void {
    this.#onEnd.push(run)
  }

  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  end(): void {
    for (const run of this.#onEnd.splice(0)) run()
  }
}

/** Sets the wall clock back; timers run on as they would. */
export function setBack(host: FakeHost, ms: number): void {
  const { now } = host
  host.now = () => now() - ms
}
