import { ReplyError } from "../errors.ts"
import type { Reply, Transaction } from "../transport.ts"
import type { Wanted } from "./receiver.ts"

/** The replies of one `MULTI … EXEC`, of which only the last one is the caller's. */
export class TransactionInFlight {
  readonly transaction: Transaction
  /** What came so far: the refusal of MULTI, then of each command; undefined where it was none. */
  readonly #refusals: (ReplyError | undefined)[] = []

  constructor(transaction: Transaction) {
    this.transaction = transaction
  }

  get decode(): Wanted {
    if (!this.#isLast) return "text"
    return this.transaction.decode === "raw" ? "items" : this.transaction.decode
  }

  get #isLast(): boolean {
    return this.#refusals.length > this.transaction.commands.length
  }

  /** Counts a reply; true if it was the last one, which then belongs to `resolve` or `reject`. */
  counts(refusal?: ReplyError): boolean {
    const isLast = this.#isLast
    if (!isLast) this.#refusals.push(refusal)
    return isLast
  }

  /** The reply to EXEC: the replies of the commands, or null. */
  resolve(reply: Reply): void {
    const [multi] = this.#refusals
    if (multi) this.transaction.lose("unknown", multi)
    else this.transaction.resolve(Array.isArray(reply) ? reply : null)
  }

  /**
   * EXEC was refused. Where MULTI was too, the commands ran one by one if the server let them: then nobody may run
   * them again. A server that was only LOADING may have ended that between two of them.
   */
  reject(exec: ReplyError): void {
    const [multi, ...queued] = this.#refusals
    const refusals = queued.filter((refusal) => refusal !== undefined)
    if (multi && queued.some((refusal) => refusal?.fate !== "refused"))
      this.transaction.lose("unknown", multi)
    else this.transaction.reject(multi ?? (refusals.length > 0 ? abortOf(exec, refusals) : exec))
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
