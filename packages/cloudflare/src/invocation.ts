import { HoldingScope } from "@warmpool/core/scope"

/** What is needed of the `ctx` of a handler, or of a Durable Object. */
export interface InvocationContext {
  waitUntil(promise: Promise<unknown>): void
}

/** One event handled. The runtime keeps it alive until every command has settled. */
export class Invocation extends HoldingScope {
  /** Aborts when the caller of the request gives up before the answer. */
  declare signal?: AbortSignal
  readonly #ctx: InvocationContext
  #isHandled = false
  /** No handler of ours tells when it ends: what a Durable Object holds would pile up for as long as it lives. */
  #isOpenEnded = true

  constructor(ctx: InvocationContext) {
    // The runtime does not say when it ends it.
    super(Number.POSITIVE_INFINITY)
    this.#ctx = ctx
  }

  /**
   * Not while a handler runs: the invocation lives then without it, and ends with its caller. What keeps it up beyond
   * that would let a blocking command take an element for nobody.
   */
  track(done: Promise<unknown>): void {
    if (!this.#isHandled) this.#ctx.waitUntil(done)
  }

  /**
   * A handler runs from now on, and gives up with the caller of its request where the runtime tells of that.
   *
   * @returns a function that is called when it has answered: what still runs then is finished in any case.
   */
  begin(signal: AbortSignal | undefined): () => void {
    this.#isHandled = true
    this.#isOpenEnded = false
    const stopListening = signal && this.#abortWith(signal)
    return () => {
      this.#isHandled = false
      stopListening?.()
    }
  }

  override onEnd(run: () => void): void {
    if (!this.#isOpenEnded) super.onEnd(run)
  }

  #abortWith(signal: AbortSignal): () => void {
    const abort = new AbortController()
    this.signal = abort.signal
    const onAbort = (): void => abort.abort(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener("abort", onAbort)
    return () => signal.removeEventListener("abort", onAbort)
  }
}
