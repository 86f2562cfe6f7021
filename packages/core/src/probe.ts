import type { Entry } from "./entry.ts"
import type { Host, Timer } from "./host.ts"
import { Pending, SETTLED } from "./pending.ts"

/** A doubt about one connection, open until a byte comes or its replacement has answered. */
export class Probe {
  readonly entry: Entry
  /** Wall clock, ms. */
  readonly startedAt: number
  /** Whether the replacement may be opened. */
  overdue = false
  readonly #host: Host
  readonly #before: number
  #ended = false
  #timer: Timer | undefined

  constructor(entry: Entry, host: Host) {
    this.entry = entry
    this.startedAt = host.now()
    this.#host = host
    this.#before = entry.connection.received
  }

  /** Whether anything was heard since the doubt arose. */
  get answered(): boolean {
    return this.entry.connection.received !== this.#before
  }

  /** Whether something is in flight that must not be sent twice. */
  holdsWrites(mayReplay: (pending: Pending) => boolean): boolean {
    let writes = false
    this.entry.connection.each((owed) => {
      writes ||= owed instanceof Pending && owed.stage !== SETTLED && !mayReplay(owed)
    })
    return writes
  }

  /** Calls `then` after `ms`, once input that arrived meanwhile was read; one wait at a time. */
  wait(ms: number, then: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#host.after(ms, () => {
      void this.#host.turn().then(() => {
        if (this.#ended) return
        this.overdue = true
        then()
      })
    })
  }

  /** Calls its timer off. */
  end(): void {
    this.#ended = true
    this.#timer?.cancel()
  }
}
