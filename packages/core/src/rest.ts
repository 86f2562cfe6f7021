import { backoffMs } from "./backoff.ts"
import type { Watched } from "./deadlines.ts"
import type { Timer } from "./host.ts"
import type { Surroundings } from "./lane.ts"

/** The wait before the next try, so that a fleet does not come back at one moment. */
export class Rest {
  readonly #surroundings: Surroundings
  readonly #over: () => void
  /** When a wait between two connects began; undefined in any other. */
  #connectSince: number | undefined
  #timer: Timer | undefined

  constructor(surroundings: Surroundings, over: () => void) {
    this.#surroundings = surroundings
    this.#over = over
  }

  /** Begins anew; the lane waits with it, `atLeastMs` where the server asked for that. */
  begin(
    what: "connect" | "commands",
    { attempt, atLeastMs = 0 }: { readonly attempt: number; readonly atLeastMs?: number },
    lane: Watched,
  ): void {
    const { deadlines, events, host } = this.#surroundings
    const inMs = atLeastMs + backoffMs(attempt)
    if (events.wanted("retry")) events.emit("retry", { what, count: lane.unsettled.length, inMs })
    this.cancel()
    if (what === "connect") this.#connectSince = deadlines.now()
    this.#timer = host.after(inMs, () => {
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
    if (since !== undefined && lane.unsettled.every(({ issued }) => issued > since)) this.cancel()
    return this.isOn
  }

  /** Ends a wait between two connects: there is a connection. What a server asked for goes on. */
  connected(): void {
    if (this.#connectSince !== undefined) this.cancel()
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
