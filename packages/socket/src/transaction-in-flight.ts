import { type Decode, type Reply, ReplyError, type Transaction } from "@warmpool/core"

/** The replies of one `MULTI … EXEC`, of which only the last one is the caller's. */
export class TransactionInFlight {
  readonly transaction: Transaction
  /** Replies still to come. */
  #left: number
  readonly #refusals: ReplyError[] = []
  #multiRefused = false
  #ranOutside = false

  constructor(transaction: Transaction) {
    this.transaction = transaction
    this.#left = transaction.commands.length + 2
  }

  get decode(): Decode {
    return this.#left === 1 ? this.transaction.decode : "text"
  }

  /** Counts a reply; true if it was the last one, which then belongs to `resolve` or `reject`. */
  counts(refusal?: ReplyError): boolean {
    const isMulti = this.#left === this.transaction.commands.length + 2
    this.#left -= 1
    if (this.#left === 0) return true
    if (refusal) this.#refusals.push(refusal)
    if (isMulti) this.#multiRefused = refusal !== undefined
    else if (this.#multiRefused && !refusal) this.#ranOutside = true
    return false
  }

  /** The reply to EXEC: the replies of the commands, or null. */
  resolve(reply: Reply): void {
    this.transaction.resolve(reply as readonly Reply[] | null)
  }

  /** EXEC was refused. Where MULTI was too, that is the reason, and commands may have run by themselves. */
  reject(error: ReplyError): void {
    const first = this.#refusals[0]
    if (this.#multiRefused && first) {
      this.transaction.reject(this.#ranOutside ? new ReplyError(first.message, { fate: "unknown" }) : first)
      return
    }
    const previousErrors = this.#refusals
    this.transaction.reject(
      previousErrors.length > 0 ? new ReplyError(error.message, { previousErrors }) : error,
    )
  }

  lose(fate: "unsent" | "unknown", cause: Error): void {
    this.transaction.lose(fate, cause)
  }
}
