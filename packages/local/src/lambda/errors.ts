import { messageOf, type Outcome } from "./outcome.ts"

/** An option of `startLambda` is wrong; the message names it and the fix. */
export class LambdaOptionError extends Error {
  override readonly name = "LambdaOptionError"
  readonly code = "ERR_CONFIG"
}

/** A sandbox did not come up; the message is what its runtime said, as Lambda would report it. */
export class SandboxInitError extends Error {
  override readonly name = "SandboxInitError"
  readonly code = "ERR_SANDBOX_INIT"
  /** What an invocation that waits for the sandbox gets. */
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    super(`${outcome.errorType}: ${messageOf(outcome)}`)
    this.outcome = outcome
  }
}

/** The local Lambda is closed. Nothing was invoked. */
export class LambdaClosedError extends Error {
  override readonly name = "LambdaClosedError"
  readonly code = "ERR_LAMBDA_CLOSED"

  constructor() {
    super("this local Lambda is closed: start another with startLambda()")
  }
}
