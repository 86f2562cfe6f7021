import type { Entry } from "./entry.ts"
import type { Host, Timer } from "./host.ts"

/** Longest wait of a timer, ms: a longer one fires at once. */
const LONGEST_MS = 2_147_483_647

/** What is done about a connection that has fallen silent while it owes replies. */
type OnSilence = (entry: Entry) => "watch on" | "done"

/**
 * Notices that a connection which owes replies has fallen silent, before all who wait are past their deadlines.
 * Its timer runs only while something is in flight.
 */
export class Watchdog {
  readonly #host: Host
  readonly #everyMs: number
  readonly #onSilence: OnSilence
  #entry: Entry | undefined
  #received = 0
  #quiet = 0
  #timer: Timer | undefined

  /** @param patienceMs - A silence of this length is reported, at the latest after half as much again. */
  constructor(host: Host, patienceMs: number, onSilence: OnSilence) {
    this.#host = host
    this.#everyMs = Math.min(LONGEST_MS, patienceMs / 2)
    this.#onSilence = onSilence
  }

  /** Watches a connection on which replies are owed. */
  watch(entry: Entry): void {
    if (this.#entry === entry) return
    this.cancel()
    this.#entry = entry
    this.#received = entry.connection.received
    this.#quiet = 0
    this.#wait(entry)
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#entry = undefined
  }

  #wait(entry: Entry): void {
    this.#timer = this.#host.after(this.#everyMs, () => this.#look(entry))
  }

  #look(entry: Entry): void {
    const { owed, received } = entry.connection
    this.#quiet = received === this.#received ? this.#quiet + 1 : 0
    this.#received = received
    if (owed > 0 && (this.#quiet < 2 || this.#onSilence(entry) === "watch on")) this.#wait(entry)
    else this.#entry = undefined
  }
}
