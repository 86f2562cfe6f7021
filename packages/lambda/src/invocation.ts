import { HoldingScope } from "@warmpool/core/scope"

/** One event handled: what its commands must know of it, and what must end with it. */
export class Invocation extends HoldingScope {
  /** What the platform handed to the handler; the same object for every wrapper around one handler. */
  readonly context: object | undefined

  /** @param endsAt - When Lambda ends it: wall clock, ms. */
  constructor(endsAt: number, context?: object) {
    super(endsAt)
    this.context = context
  }
}
