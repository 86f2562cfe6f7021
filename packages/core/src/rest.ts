import { backoffMs } from "./backoff.ts"
import type { Watched } from "./deadlines.ts"
import type { Timer } from "./host.ts"
import type { Surroundings } from "./lane.ts"

/** The wait before the next try, so that a fleet does not come back at one moment. */
export class Rest {
  readonly #surroundings: Surroundings
  readonly #over: () => void
  /** When a wait of those before it began; undefined in any other. */
  #since: number | undefined
  #timer: Timer | undefined

  constructor(surroundings: Surroundings, over: () => void) {
    this.#surroundings = surroundings
    this.#over = over
  }

  /** Begins anew; the lane waits with it. Between two connects only those before do, else all. */
  begin(what: "connect" | "commands", { attempt }: { readonly attempt: number }, lane: Watched): void {
    const { deadlines, events, host } = this.#surroundings
    const inMs = backoffMs(attempt)
    if (events.wanted("retry")) events.emit("retry", { what, count: lane.unsettled.length, inMs })
    this.cancel()
    if (what === "connect") this.#since = deadlines.now()
    this.#timer = host.after(inMs, () => {
      this.cancel()
      this.#over()
    })
  }

  /**
   * Whether the lane has to wait. A wait of those before it is over when they have given up: the first try of a
   * newcomer is not a repetition.
   */
  holdsBack(lane: Watched): boolean {
    const since = this.#since
    if (since !== undefined && lane.unsettled.every(({ issued }) => issued > since)) this.cancel()
    return this.isOn
  }

  /** Whether a wait is on. */
  get isOn(): boolean {
    return this.#timer !== undefined
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#since = undefined
  }
}
