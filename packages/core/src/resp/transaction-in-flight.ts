import { ReplyError } from "../errors.ts"
import type { Reply, Transaction } from "../transport.ts"
import type { Wanted } from "./receiver.ts"

/** The replies of one `MULTI … EXEC`, of which only the last one is the caller's. */
export class TransactionInFlight {
  readonly transaction: Transaction
  /** Replies still to come. */
  #left: number
  readonly #refusals: ReplyError[] = []
  #multiRefused: ReplyError | undefined
  /** Without MULTI, a command was not refused as well: it ran by itself. */
  #ranAlone = false

  constructor(transaction: Transaction) {
    this.transaction = transaction
    this.#left = transaction.commands.length + 2
  }

  get decode(): Wanted {
    if (this.#left > 1) return "text"
    return this.transaction.decode === "raw" ? "items" : this.transaction.decode
  }

  /** Counts a reply; true if it was the last one, which then belongs to `resolve` or `reject`. */
  counts(refusal?: ReplyError): boolean {
    const isMulti = this.#left === this.transaction.commands.length + 2
    this.#left -= 1
    if (this.#left === 0) return true
    if (isMulti) this.#multiRefused = refusal
    else if (refusal) this.#refusals.push(refusal)
    if (!isMulti && this.#multiRefused && refusal?.fate !== "refused") this.#ranAlone = true
    return false
  }

  /** The reply to EXEC: the replies of the commands, or null. */
  resolve(reply: Reply): void {
    if (this.#multiRefused) this.transaction.lose("unknown", this.#multiRefused)
    else this.transaction.resolve(Array.isArray(reply) ? reply : null)
  }

  /**
   * EXEC was refused. Where MULTI was too, the commands ran one by one if the server let them: then nobody may run
   * them again. A server that was only LOADING may have ended that between two of them.
   */
  reject(exec: ReplyError): void {
    if (this.#multiRefused && this.#ranAlone) this.transaction.lose("unknown", this.#multiRefused)
    else if (this.#multiRefused) this.transaction.reject(this.#multiRefused)
    else if (this.#refusals.length === 0) this.transaction.reject(exec)
    else this.transaction.reject(abortOf(exec, this.#refusals))
  }

  lose(fate: "unsent" | "unknown", cause: Error): void {
    this.transaction.lose(fate, cause)
  }
}

/** EXECABORT ran nothing: if all that was refused may be sent again, so may the whole. */
function abortOf(exec: ReplyError, previousErrors: readonly ReplyError[]): ReplyError {
  const refused = previousErrors.every((error) => error.fate === "refused")
  return new ReplyError(exec.message, refused ? { previousErrors, fate: "refused" } : { previousErrors })
}
