import {
  type Connection,
  ConnectionError,
  type Owed,
  type Request,
  type Transaction,
  WarmpoolError,
} from "@warmpool/core"
import type { Exchanger } from "@warmpool/core/exchange"
import type { Batch } from "../answers.ts"

/** Exchanges with a server in the shape of a connection, which subscriptions ask for. */
export class HttpConnection implements Connection {
  received = 0
  lastByteAt = Date.now()
  readonly backlog = 0
  readonly #exchanger: Exchanger
  readonly #owed = new Set<Owed<never>>()
  readonly #flights = new Set<Promise<void>>()
  /** Ends what is under way. */
  readonly #end = new AbortController()
  /** Why nothing is sent any more. */
  #reason: Error | undefined

  constructor(exchanger: Exchanger) {
    this.#exchanger = exchanger
  }

  get owed(): number {
    return this.#owed.size
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const job of [...this.#owed]) visit(job as Owed<unknown>)
  }

  send(batch: Batch, signal?: AbortSignal): void {
    const reason = this.#reason ?? (signal?.aborted ? signal.reason : undefined)
    if (reason) {
      for (const job of batch) job.lose("unsent", reason)
      return
    }
    const flight = this.#fly(batch, signal).then(() => {
      this.#flights.delete(flight)
    })
    this.#flights.add(flight)
  }

  onWritable(): void {}

  onClose(listener: (reason: Error) => void): void {
    const { signal } = this.#end
    const tell = (): void => listener(signal.reason)
    if (signal.aborted) tell()
    else signal.addEventListener("abort", tell)
  }

  async close(): Promise<void> {
    this.#reason ??= new ConnectionError("the connection was closed")
    await Promise.all(this.#flights)
    this.destroy(this.#reason)
  }

  destroy(reason: Error): void {
    if (this.#end.signal.aborted) return
    this.#reason = reason
    this.#lose([...this.#owed], reason)
    this.#exchanger.close?.()
    this.#end.abort(reason)
  }

  /** There is a sign of life. */
  protected hear(count: number): void {
    this.received += count
    this.lastByteAt = Date.now()
  }

  async #fly(batch: Batch, signal: AbortSignal | undefined): Promise<void> {
    for (const job of batch) this.#owed.add(job)
    const ends = signal ? AbortSignal.any([signal, this.#end.signal]) : this.#end.signal
    const onAbort = (): void => this.#lose(batch, ends.reason)
    ends.addEventListener("abort", onAbort)
    try {
      await this.#exchanger.exchange(
        batch.map((job) => this.#watched(job)),
        ends,
      )
      this.hear(1)
    } catch (error) {
      this.#lose(batch, error)
    }
    ends.removeEventListener("abort", onAbort)
  }

  /** The same, which settles once and is owed no more then. */
  #watched(job: Request | Transaction): Request | Transaction {
    const once =
      <T>(settle: (value: T) => void) =>
      (value: T): void => {
        if (this.#owed.delete(job)) settle(value)
      }
    const { decode } = job
    const reject = once((error: Error) => job.reject(error))
    const lose = (fate: "unsent" | "unknown", cause: Error): void =>
      once(() => job.lose(fate, cause))(undefined)
    return "args" in job
      ? { args: job.args, decode, reject, lose, resolve: once((reply) => job.resolve(reply)) }
      : { commands: job.commands, decode, reject, lose, resolve: once((replies) => job.resolve(replies)) }
  }

  #lose(batch: Batch | readonly Owed<never>[], cause: unknown): void {
    const fate = cause instanceof WarmpoolError && cause.fate === "unsent" ? "unsent" : "unknown"
    const why = cause instanceof Error ? cause.message : "nobody waits"
    const reason = new ConnectionError(`the request failed: ${why}`, { cause, fate })
    for (const job of batch as readonly Owed<never>[]) if (this.#owed.delete(job)) job.lose(fate, reason)
  }
}
