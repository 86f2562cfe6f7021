import { type Decode, type Reply, ReplyError, type Transaction } from "@warmpool/core"
import { splitArray } from "./split-array.ts"

/** The replies of one transaction on their way: MULTI's, one for each command queued, and EXEC's. */
export class TransactionReplies {
  readonly job: Transaction
  /** Replies still to come before EXEC's. */
  #left: number
  #multiRefused: ReplyError | undefined
  readonly #refusals: ReplyError[] = []
  /** Without MULTI, a command was not refused as well: it ran by itself. */
  #ranAlone = false

  constructor(job: Transaction) {
    this.job = job
    this.#left = job.commands.length + 1
  }

  /** How the next reply is wanted. */
  get next(): Decode {
    return this.#left > 0 ? "text" : this.job.decode
  }

  /** Whether the next reply is EXEC's, which settles the transaction. */
  get isLast(): boolean {
    return this.#left === 0
  }

  /** Takes a reply that is no error. */
  take(reply: Reply): void {
    if (this.#left > 0) {
      if (this.#multiRefused) this.#ranAlone = true
      this.#left -= 1
    } else if (this.#multiRefused) this.job.lose("unknown", this.#multiRefused)
    else if (reply instanceof Uint8Array) this.job.resolve(splitArray(reply))
    else this.job.resolve(Array.isArray(reply) ? reply : null)
  }

  /** Takes an error reply. */
  refuse(error: ReplyError): void {
    if (this.#left === 0) {
      this.#abort(error)
      return
    }
    if (this.#left > this.job.commands.length) this.#multiRefused = error
    else this.#refusals.push(error)
    if (this.#multiRefused && error.fate !== "refused" && error !== this.#multiRefused) this.#ranAlone = true
    this.#left -= 1
  }

  /**
   * Without MULTI the commands ran one by one, if the server let them: then nobody may run them again. A server that
   * was only LOADING may have ended that between two of them.
   */
  #abort(exec: ReplyError): void {
    if (this.#multiRefused && this.#ranAlone) this.job.lose("unknown", this.#multiRefused)
    else if (this.#multiRefused) this.job.reject(this.#multiRefused)
    else if (this.#refusals.length === 0) this.job.reject(exec)
    else this.job.reject(abortOf(exec, this.#refusals))
  }
}

/** EXECABORT ran nothing: if all that was refused may be sent again, so may the whole. */
function abortOf(exec: ReplyError, previousErrors: readonly ReplyError[]): ReplyError {
  const refused = previousErrors.every((error) => error.fate === "refused")
  return new ReplyError(exec.message, refused ? { previousErrors, fate: "refused" } : { previousErrors })
}
