import { defaultHost, type Scope } from "@warmpool/core"

/** One event handled: what its commands must know of it, and what must end with it. */
export class Invocation implements Scope {
  readonly endsAt: number
  /** What the platform handed to the handler; the same object for every wrapper around one handler. */
  readonly context: object | undefined
  readonly #tracked = new Set<Promise<unknown>>()
  #endings: (() => void)[] | undefined = []

  /** @param endsAt - When Lambda ends it: wall clock, ms. */
  constructor(endsAt: number, context?: object) {
    this.endsAt = endsAt
    this.context = context
  }

  /** What still runs then belongs to no invocation. */
  get ended(): boolean {
    return this.#endings === undefined
  }

  track(done: Promise<unknown>): void {
    this.#tracked.add(done)
    void done.then(() => this.#tracked.delete(done))
  }

  onEnd(run: () => void): void {
    if (this.#endings) this.#endings.push(run)
    // What was waited for when the invocation ended comes too late.
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
