const EVERY_MS = 5

/** How long this process did nothing: a busy machine must not pass for a late promise. */
export class Lag implements Disposable {
  readonly #timer: NodeJS.Timeout
  #lostMs = 0
  #last = performance.now()

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#lostMs += Math.max(0, now - this.#last - EVERY_MS)
      this.#last = now
    }, EVERY_MS)
  }

  /** Lost since the beginning, the moment that lasts included, ms. */
  get lostMs(): number {
    return this.#lostMs + Math.max(0, performance.now() - this.#last - EVERY_MS)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
