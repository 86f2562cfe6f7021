import type { Entry } from "./entry.ts"
import type { Host, Timer } from "./host.ts"

/** Watches, after a command in flight timed out, whether any byte still comes. */
export class Suspicion {
  readonly #host: Host
  readonly #patienceMs: number
  #timer: Timer | undefined
  #suspect: Entry | undefined

  constructor(host: Host, patienceMs: number) {
    this.#host = host
    this.#patienceMs = patienceMs
  }

  /** Calls `confirmed` if no byte comes in time though replies are owed. One watch at a time. */
  begin(entry: Entry, confirmed: () => void): void {
    if (this.#suspect === entry) return
    this.cancel()
    this.#suspect = entry
    const before = entry.connection.received
    this.#timer = this.#host.after(this.#patienceMs, () => {
      this.#suspect = undefined
      const { received, owed } = entry.connection
      if (received === before && owed > 0) confirmed()
    })
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#suspect = undefined
  }
}
