import type { Arg, Decode, Owed, Reply, Request, Transaction } from "../transport.ts"

/** What became of one request. */
export type Outcome<T> =
  | { readonly kind: "reply"; readonly reply: T }
  | { readonly kind: "error"; readonly error: Error }
  | { readonly kind: "lost"; readonly fate: "unsent" | "unknown"; readonly cause: Error }

/** A place for one reply that counts how often it is settled. */
export class Receipt<T> implements Owed<T> {
  readonly decode: Decode
  /** Exactly one in the end; a transport that settles twice shows here. */
  readonly outcomes: Outcome<T>[] = []
  readonly settled: Promise<Outcome<T>>
  readonly #listeners: ((outcome: Outcome<T>) => void)[] = []

  constructor(decode: Decode) {
    this.decode = decode
    this.settled = new Promise((resolve) => this.onSettled(resolve))
  }

  /** Runs `listener` inside the settling call, as a client's own continuation might. */
  onSettled(listener: (outcome: Outcome<T>) => void): void {
    this.#listeners.push(listener)
  }

  resolve(reply: T): void {
    this.#settle({ kind: "reply", reply })
  }

  reject(error: Error): void {
    this.#settle({ kind: "error", error })
  }

  lose(fate: "unsent" | "unknown", cause: Error): void {
    this.#settle({ kind: "lost", fate, cause })
  }

  /** The reply; throws what came instead of it. */
  async reply(): Promise<T> {
    const outcome = await this.settled
    if (outcome.kind === "reply") return outcome.reply
    throw outcome.kind === "error" ? outcome.error : outcome.cause
  }

  /** The server's error; throws if there was none. */
  async error(): Promise<Error> {
    const outcome = await this.settled
    if (outcome.kind === "error") return outcome.error
    throw new Error(`an error was due, and it is ${outcome.kind}`)
  }

  /** The fate of a lost request; throws if it was answered. */
  async fate(): Promise<"unsent" | "unknown"> {
    const outcome = await this.settled
    if (outcome.kind === "lost") return outcome.fate
    throw new Error(`a loss was due, and it is ${outcome.kind}`)
  }

  #settle(outcome: Outcome<T>): void {
    this.outcomes.push(outcome)
    for (const listener of this.#listeners) listener(outcome)
  }
}

/** A request that counts how often it is settled. */
export class RequestReceipt extends Receipt<Reply> implements Request {
  readonly args: readonly Arg[]

  constructor(args: readonly Arg[], decode: Decode = "text") {
    super(decode)
    this.args = args
  }
}

/** A transaction that counts how often it is settled. */
export class TransactionReceipt extends Receipt<readonly Reply[] | null> implements Transaction {
  readonly commands: readonly (readonly Arg[])[]

  constructor(commands: readonly (readonly Arg[])[], decode: Decode = "text") {
    super(decode)
    this.commands = commands
  }
}
