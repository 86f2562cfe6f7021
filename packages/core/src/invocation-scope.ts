import { defaultHost, type Scope } from "./host.ts"

/** An invocation that waits for its commands itself, where the platform does not. */
export class InvocationScope implements Scope {
  readonly endsAt: number
  declare readonly signal?: AbortSignal
  readonly #tracked = new Set<Promise<unknown>>()
  #ended = false

  /**
   * @param endsAt - When the platform ends it: wall clock, ms; `Infinity` when nobody knows.
   * @param signal - Aborts when nobody waits for its answer any more.
   */
  constructor(endsAt: number, signal?: AbortSignal) {
    this.endsAt = endsAt
    if (signal) this.signal = signal
  }

  /** What still runs then belongs to no invocation. */
  get ended(): boolean {
    return this.#ended
  }

  track(done: Promise<unknown>): void {
    this.#tracked.add(done)
    void done.then(() => this.#tracked.delete(done))
  }

  /** Resolves once every command issued has settled, those issued on a reply included. */
  async settled(): Promise<void> {
    while (this.#tracked.size > 0) {
      await Promise.all(this.#tracked)
      // Whoever waited for a reply runs on first, however many promises lie in between.
      await defaultHost.turn()
    }
  }

  end(): void {
    this.#ended = true
  }
}

/** An invocation that ends what it holds: leases and subscriptions that it did not give back. */
export class HoldingScope extends InvocationScope {
  #endings: (() => void)[] = []

  /** Whether it has leases or subscriptions, which may be in use for as long as the answer streams. */
  get hasHeld(): boolean {
    return this.#endings.length > 0
  }

  onEnd(run: () => void): void {
    // What was waited for when the invocation ended comes too late.
    if (this.ended) run()
    else this.#endings.push(run)
  }

  /** Takes back what was not given back. */
  override end(): void {
    super.end()
    for (const run of this.#endings.splice(0)) run()
  }
}
