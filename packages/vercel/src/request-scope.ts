import { defaultHost, type Scope } from "@warmpool/core"

/** One request handled: what its commands must know of it, and what must end with it. */
export class RequestScope implements Scope {
  readonly endsAt: number
  readonly signal?: AbortSignal
  readonly #tracked = new Set<Promise<unknown>>()
  #endings: (() => void)[] | undefined = []

  /** @param endsAt - When the platform ends it: wall clock, ms. */
  constructor(endsAt: number, signal?: AbortSignal) {
    this.endsAt = endsAt
    if (signal) this.signal = signal
  }

  /** What still runs then belongs to no request. */
  get ended(): boolean {
    return this.#endings === undefined
  }

  /** Whether it has had leases or subscriptions, which may be in use for as long as the answer streams. */
  get hasHeld(): boolean {
    return this.#endings !== undefined && this.#endings.length > 0
  }

  track(done: Promise<unknown>): void {
    this.#tracked.add(done)
    void done.then(() => this.#tracked.delete(done))
  }

  onEnd(run: () => void): void {
    if (this.#endings) this.#endings.push(run)
    // What was waited for when the request ended comes too late.
    else run()
  }

  /** Resolves once every command issued has settled, those issued on a reply included. */
  async settled(): Promise<void> {
    while (this.#tracked.size > 0) {
      await Promise.all(this.#tracked)
      // Whoever waited for a reply runs on first, however many promises lie in between.
      await defaultHost.turn()
    }
  }

  /** Takes back what was not given back. */
  end(): void {
    const endings = this.#endings ?? []
    this.#endings = undefined
    for (const run of endings) run()
  }
}
