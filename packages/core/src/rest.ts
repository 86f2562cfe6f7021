import { backoffMs } from "./backoff.ts"
import type { Deadlines, Watched } from "./deadlines.ts"
import type { Events } from "./events.ts"
import type { Host, Timer } from "./host.ts"
import type { Surroundings } from "./lane.ts"

/** The wait before the next try, so that a fleet does not come back at one moment. */
export class Rest {
  readonly #host: Host
  readonly #events: Events
  readonly #deadlines: Deadlines
  readonly #over: () => void
  /** When a wait between two connects began; undefined in any other. */
  #connectSince: number | undefined
  #timer: Timer | undefined

  constructor({ host, events, deadlines }: Surroundings, over: () => void) {
    this.#host = host
    this.#events = events
    this.#deadlines = deadlines
    this.#over = over
  }

  /** Begins anew; the lane waits with it, `atLeastMs` where the server asked for that. */
  begin(
    what: "connect" | "commands",
    { attempt, atLeastMs = 0 }: { readonly attempt: number; readonly atLeastMs?: number },
    lane: Watched,
  ): void {
    const inMs = atLeastMs + backoffMs(attempt)
    if (this.#events.wanted("retry")) {
      let count = 0
      lane.eachPending(() => {
        count += 1
      })
      this.#events.emit("retry", { what, count, inMs })
    }
    this.cancel()
    if (what === "connect") this.#connectSince = this.#deadlines.now()
    this.#timer = this.#host.after(inMs, () => {
      this.cancel()
      this.#over()
    })
  }

  /**
   * Whether the lane has to wait. A wait between two connects is over when those it was for have given up: the
   * first try of a newcomer is not a repetition.
   */
  holdsBack(lane: Watched): boolean {
    const since = this.#connectSince
    if (since === undefined) return this.#timer !== undefined
    let newcomersOnly = true
    lane.eachPending(({ issued }) => {
      newcomersOnly &&= issued > since
    })
    if (newcomersOnly) this.cancel()
    return !newcomersOnly
  }

  /** Whether a wait is on. */
  get isOn(): boolean {
    return this.#timer !== undefined
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#connectSince = undefined
  }
}
