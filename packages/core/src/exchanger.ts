import type { Request, Transaction } from "./transport.ts"

/** What carries the batches of an exchange lane; it has mechanism and no policy. */
export interface Exchanger {
  /**
   * Carries one batch and settles each of its requests; a transaction is a batch of its own. What it leaves is lost:
   * `unsent` if it rejects with an error of that fate, else `unknown`. The message of that holds no key and no value.
   *
   * @param signal - Nobody waits any more.
   */
  exchange(batch: readonly (Request | Transaction)[], signal: AbortSignal): Promise<void>
  /** Lets go of what is kept open. */
  readonly close?: (() => void) | undefined
}
