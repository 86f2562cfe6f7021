import { HoldingScope } from "@warmpool/core/scope"

/** One request handled: what its commands must know of it, and what must end with it. */
export class RequestScope extends HoldingScope {
  declare readonly signal?: AbortSignal

  /**
   * @param endsAt - When the platform ends it: wall clock, ms.
   * @param signal - Aborts when nobody waits for the answer any more.
   */
  constructor(endsAt: number, signal?: AbortSignal) {
    super(endsAt)
    if (signal) this.signal = signal
  }
}
