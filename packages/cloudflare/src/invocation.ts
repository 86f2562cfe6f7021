import type { PortableRedis, Scope } from "@warmpool/core"

/** What is needed of the `ctx` of a handler, or of a Durable Object. */
export interface InvocationContext {
  waitUntil(promise: Promise<unknown>): void
}

/** One event handled. The runtime keeps it alive until every command has settled, and does not say when it ends it. */
export class Invocation implements Scope {
  readonly endsAt = Number.POSITIVE_INFINITY
  /** Aborts when the caller of the request gives up before the answer. */
  declare signal?: AbortSignal
  readonly #ctx: InvocationContext
  #isHandled = false

  constructor(ctx: InvocationContext) {
    this.#ctx = ctx
  }

  /**
   * Not while a handler runs: the invocation lives then without it, and ends with its caller. What keeps it up beyond
   * that would let a blocking command take an element for nobody.
   */
  track(done: Promise<unknown>): void {
    if (!this.#isHandled) this.#ctx.waitUntil(done)
  }

  /** A handler runs from now on, and gives up with the caller of its request where the runtime tells of that. */
  begin(signal: AbortSignal | undefined): void {
    this.#isHandled = true
    if (!signal) return
    const abort = new AbortController()
    this.signal = abort.signal
    // What still runs after the answer is finished in any case.
    const onAbort = (): void => {
      if (this.#isHandled) abort.abort(signal.reason)
    }
    signal.addEventListener("abort", onAbort)
    if (signal.aborted) onAbort()
  }

  /** The handler has answered, or failed: lets what it did not wait for finish. */
  end(redis: PortableRedis, answer: unknown): void {
    this.#isHandled = false
    this.track(this.finish(redis, answer))
  }

  protected finish(redis: PortableRedis, _answer: unknown): Promise<void> {
    return redis.settled()
  }
}
