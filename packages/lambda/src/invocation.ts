import type { Scope } from "@warmpool/core"

/** One event handled: what its commands must know of it, and what must end with it. */
export class Invocation implements Scope {
  readonly endsAt: number
  readonly #tracked = new Set<Promise<unknown>>()
  readonly #endings: (() => void)[] = []

  /** @param endsAt - When Lambda ends it: wall clock, ms. */
  constructor(endsAt: number) {
    this.endsAt = endsAt
  }

  track(done: Promise<unknown>): void {
    this.#tracked.add(done)
    void done.then(() => this.#tracked.delete(done))
  }

  onEnd(run: () => void): void {
    this.#endings.push(run)
  }

  /** Resolves once every command issued has settled, those issued meanwhile included. */
  async settled(): Promise<void> {
    while (this.#tracked.size > 0) await Promise.all(this.#tracked)
  }

  /** Takes back what was not given back. */
  end(): void {
    for (const run of this.#endings.splice(0)) run()
  }
}
