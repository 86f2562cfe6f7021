import type { Scope } from "@warmpool/core"

/** What is needed of the `ctx` of a handler, or of a Durable Object. */
export interface InvocationContext {
  waitUntil(promise: Promise<unknown>): void
}

/** One event handled. The runtime keeps it alive until every command has settled. */
export class Invocation implements Scope {
  /** The runtime does not say. */
  readonly endsAt = Number.POSITIVE_INFINITY
  /** Aborts when the caller of the request gives up before the answer. */
  declare signal?: AbortSignal
  readonly #ctx: InvocationContext
  #endings: (() => void)[] | undefined = []

  constructor(ctx: InvocationContext) {
    this.#ctx = ctx
  }

  /** Whether leases were taken, or channels subscribed to. */
  get holdsAny(): boolean {
    return this.#endings !== undefined && this.#endings.length > 0
  }

  track(done: Promise<unknown>): void {
    this.#ctx.waitUntil(done)
  }

  onEnd(run: () => void): void {
    if (this.#endings) this.#endings.push(run)
    else run()
  }

  /**
   * Gives up with the caller of the request until the handler has answered: what still runs then is to be finished.
   *
   * @returns a function that ends it.
   */
  abortWith(signal: AbortSignal): () => void {
    const abort = new AbortController()
    this.signal = abort.signal
    if (signal.aborted) abort.abort(signal.reason)
    const onAbort = (): void => abort.abort(signal.reason)
    signal.addEventListener("abort", onAbort)
    return () => signal.removeEventListener("abort", onAbort)
  }

  /** Takes back what was not given back. */
  end(): void {
    const endings = this.#endings ?? []
    this.#endings = undefined
    for (const run of endings) run()
  }
}
