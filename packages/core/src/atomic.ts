import { toText } from "./commands/replies.ts"
import { specOf } from "./commands/table.ts"
import { withoutEcho } from "./echo.ts"
import type { Fate } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import type { Parts, ToOutcome } from "./issue-all.ts"
import { type Call, Pending, sizeOf } from "./pending.ts"
import { harmless, rejected } from "./stray.ts"
import type { Arg, Reply, Transaction } from "./transport.ts"

/** A transaction: sent whole or not at all, never replayed once any of it was written. */
class Atomic<T> extends Pending<readonly Reply[] | null> implements Transaction {
  readonly commands: readonly (readonly Arg[])[]
  readonly promise: Promise<T[] | null>
  readonly #calls: readonly Call[]
  readonly #resolve: (outcomes: T[] | null) => void
  readonly #reject: (reason: unknown) => void
  readonly #toOutcome: ToOutcome<T>

  constructor(calls: readonly Call[], { client, lane, how }: Parts, toOutcome: ToOutcome<T>) {
    // A transaction is decoded in one way: where one command wants bytes, all come as bytes.
    const decode = calls.find((call) => call.decode !== "text")?.decode ?? "text"
    super({ spec: specOf("multi"), decode, replayable: false }, client.terms(how), lane)
    this.#toOutcome = toOutcome
    this.#calls = calls
    this.commands = calls.map((call) => call.args)
    const { promise, resolve, reject } = Promise.withResolvers<T[] | null>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  get size(): number {
    return this.commands.reduce((total, args) => total + sizeOf(args), 0)
  }

  protected override fulfil(replies: readonly Reply[] | null): void {
    this.#resolve(replies === null ? null : replies.map((reply, index) => this.#outcome(reply, index)))
  }

  protected override withoutEcho(error: Error): Error {
    return withoutEcho(error, this.commands)
  }

  #outcome(reply: Reply, index: number): T {
    const { args = [], decode, transform } = this.#calls[index] ?? {}
    if (reply instanceof Error) return this.#toOutcome(withoutEcho(reply, [args]), undefined)
    const value = this.decode === "bytes" && decode === "text" ? toText(reply) : reply
    return this.#toOutcome(null, transform ? transform(value) : value)
  }

  protected override fail(error: unknown, fate: Fate | undefined): void {
    noteFate(harmless(this.promise), error, fate)
    this.#reject(error)
  }
}

/** Hands commands to a lane as one transaction. The promise gives null when a watched key had changed. */
export function issueAtomic<T>(
  parts: Parts,
  calls: readonly Call[],
  toOutcome: ToOutcome<T>,
): Promise<T[] | null> {
  const { client, lane, how } = parts
  const refusal = client.main.refusalOf?.(calls.map(({ args }) => args))
  if (refusal) return rejected(refusal)
  const atomic = new Atomic(calls, parts, toOutcome)
  client.enlist(lane, atomic, how)
  return atomic.promise
}
