/**
 * What keeps an instance awake: invocations that have not answered yet or wait for something, each until it is done
 * or its time is over.
 */
export class Awake {
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #onNobody: () => void

  /** @param onNobody - Called when the last one is gone. */
  constructor(onNobody: () => void) {
    this.#onNobody = onNobody
  }

  get size(): number {
    return this.#timers.size
  }

  add(id: string, ms: number): void {
    clearTimeout(this.#timers.get(id))
    const timer = setTimeout(() => this.delete(id), ms)
    timer.unref()
    this.#timers.set(id, timer)
  }

  delete(id: string): void {
    clearTimeout(this.#timers.get(id))
    if (this.#timers.delete(id) && this.size === 0) this.#onNobody()
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
