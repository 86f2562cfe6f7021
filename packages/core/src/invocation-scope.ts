import { defaultHost, type Scope } from "./host.ts"

/** An invocation that ends what it holds: leases and subscriptions that it did not give back. */
export abstract class HoldingScope implements Scope {
  readonly endsAt: number
  #endings: (() => void)[] | undefined = []

  /** @param endsAt - When the platform ends it: wall clock, ms; `Infinity` when nobody knows. */
  constructor(endsAt: number) {
    this.endsAt = endsAt
  }

  /** What still runs then belongs to no invocation. */
  get ended(): boolean {
    return this.#endings === undefined
  }

  /** Whether it has had leases or subscriptions, which may be in use for as long as the answer streams. */
  get hasHeld(): boolean {
    return this.#endings !== undefined && this.#endings.length > 0
  }

  abstract track(done: Promise<unknown>): void

  onEnd(run: () => void): void {
    if (this.#endings) this.#endings.push(run)
    // What was waited for when the invocation ended comes too late.
    else run()
  }

  /** Takes back what was not given back. */
  end(): void {
    const endings = this.#endings ?? []
    this.#endings = undefined
    for (const run of endings) run()
  }
}

/** An invocation that waits for its commands itself, where the platform does not. */
export class InvocationScope extends HoldingScope {
  readonly #tracked = new Set<Promise<unknown>>()

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
}
