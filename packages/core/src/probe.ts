import type { Entry } from "./entry.ts"
import type { Timer } from "./host.ts"
import { Pending, SETTLED } from "./pending.ts"

/** A doubt about one connection, open until a byte comes or its replacement has answered. */
export class Probe {
  readonly entry: Entry
  /** Wall clock, ms. */
  readonly startedAt: number
  /** Runs out when a living connection would have answered. */
  timer: Timer | undefined
  /** Whether the replacement may be opened. */
  overdue = false
  readonly #before: number

  constructor(entry: Entry, startedAt: number) {
    this.entry = entry
    this.startedAt = startedAt
    this.#before = entry.connection.received
  }

  /** Whether anything was heard since the doubt arose. */
  get answered(): boolean {
    return this.entry.connection.received !== this.#before
  }

  /** Whether something is in flight that must not be sent twice. */
  get holdsWrites(): boolean {
    let writes = false
    this.entry.connection.each((owed) => {
      writes ||= owed instanceof Pending && owed.stage !== SETTLED && !owed.replayable
    })
    return writes
  }

  /** Calls its timer off. */
  end(): void {
    this.timer?.cancel()
  }
}
