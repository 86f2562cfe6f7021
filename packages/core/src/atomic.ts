import { toText } from "./commands/replies.ts"
import type { CommandSpec } from "./commands/table.ts"
import { withoutEcho } from "./echo.ts"
import type { Fate } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import { type Call, type Keeper, Pending, sizeOf, type Terms } from "./pending.ts"
import type { Outcome } from "./redis.ts"
import { harmless } from "./stray.ts"
import type { Arg, Reply, Transaction } from "./transport.ts"

/** A transaction: sent whole or not at all, never replayed once any of it was written. */
export class Atomic extends Pending<readonly Reply[] | null> implements Transaction {
  readonly commands: readonly (readonly Arg[])[]
  readonly promise: Promise<Outcome[] | null>
  readonly #calls: readonly Call[]
  readonly #resolve: (outcomes: Outcome[] | null) => void
  readonly #reject: (reason: unknown) => void

  constructor(calls: readonly Call[], spec: CommandSpec, place: { terms: Terms; keeper: Keeper }) {
    // A transaction is decoded in one way: where one command wants bytes, all come as bytes.
    const decode = calls.some((call) => call.decode === "bytes") ? "bytes" : "text"
    super({ spec, decode, replayable: false }, place.terms, place.keeper)
    this.#calls = calls
    this.commands = calls.map((call) => call.args)
    const { promise, resolve, reject } = Promise.withResolvers<Outcome[] | null>()
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

  #outcome(reply: Reply, index: number): Outcome {
    if (reply instanceof Error) return [withoutEcho(reply, this.commands.slice(index, index + 1)), undefined]
    const call = this.#calls[index]
    const value = this.decode === "bytes" && call?.decode === "text" ? toText(reply) : reply
    return [null, call?.transform === undefined ? value : call.transform(value)]
  }

  protected override fail(error: unknown, fate: Fate | undefined): void {
    noteFate(harmless(this.promise), error, fate)
    this.#reject(error)
  }
}
