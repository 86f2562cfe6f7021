import { toText } from "./commands/replies.ts"
import { specOf } from "./commands/table.ts"
import { withoutEcho } from "./echo.ts"
import type { Fate } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import type { ToOutcome } from "./issue-all.ts"
import { type Call, type Keeper, Pending, sizeOf, type Terms } from "./pending.ts"
import { harmless } from "./stray.ts"
import type { Arg, Reply, Transaction } from "./transport.ts"

/** On whose terms a transaction is sent, and what its replies become. */
export interface Place<T> {
  readonly terms: Terms
  readonly keeper: Keeper
  readonly toOutcome: ToOutcome<T>
}

/** A transaction: sent whole or not at all, never replayed once any of it was written. */
export class Atomic<T> extends Pending<readonly Reply[] | null> implements Transaction {
  readonly commands: readonly (readonly Arg[])[]
  readonly promise: Promise<T[] | null>
  readonly #calls: readonly Call[]
  readonly #resolve: (outcomes: T[] | null) => void
  readonly #reject: (reason: unknown) => void

  readonly #toOutcome: ToOutcome<T>

  constructor(calls: readonly Call[], { terms, keeper, toOutcome }: Place<T>) {
    // A transaction is decoded in one way: where one command wants bytes, all come as bytes.
    const decode = calls.find((call) => call.decode !== "text")?.decode ?? "text"
    super({ spec: specOf("multi"), decode, replayable: false }, terms, keeper)
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
    if (reply instanceof Error)
      return this.#toOutcome(withoutEcho(reply, this.commands.slice(index, index + 1)), undefined)
    const call = this.#calls[index]
    const value = this.decode === "bytes" && call?.decode === "text" ? toText(reply) : reply
    return this.#toOutcome(null, call?.transform === undefined ? value : call.transform(value))
  }

  protected override fail(error: unknown, fate: Fate | undefined): void {
    noteFate(harmless(this.promise), error, fate)
    this.#reject(error)
  }
}
