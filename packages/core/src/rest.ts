import { backoffMs } from "./backoff.ts"
import type { Events } from "./events.ts"
import type { Host, Timer } from "./host.ts"

/** The wait before the next try, so that a fleet does not come back at one moment. */
export class Rest {
  readonly #host: Host
  readonly #events: Events
  readonly #over: () => void
  #timer: Timer | undefined

  constructor({ host, events }: { readonly host: Host; readonly events: Events }, over: () => void) {
    this.#host = host
    this.#events = events
    this.#over = over
  }

  get resting(): boolean {
    return this.#timer !== undefined
  }

  /** Begins anew; `count` commands wait with it. */
  begin(what: "connect" | "commands", count: number, attempt: number): void {
    const inMs = backoffMs(attempt)
    if (this.#events.wanted("retry")) this.#events.emit("retry", { what, count, inMs })
    this.cancel()
    this.#timer = this.#host.after(inMs, () => {
      this.#timer = undefined
      this.#over()
    })
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
