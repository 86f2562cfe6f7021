import { ConnectionError } from "./errors.ts"
import { ExchangeLane } from "./exchange-lane.ts"
import type { Exchanger } from "./exchanger.ts"
import { createPortableRedis, type PortableOptions } from "./portable.ts"
import type { PortableRedis } from "./redis.ts"
import { FakeHost } from "./testing/fake-host.ts"
import type { Reply, Request, Traits, Transaction, Transport } from "./transport.ts"

/** One batch on its way to the server: the test says what becomes of it. */
export class FakeExchange {
  readonly signal: AbortSignal
  readonly #owed: readonly (Request | Transaction)[]
  readonly #end = Promise.withResolvers<void>()
  isOpen = true

  constructor(owed: readonly (Request | Transaction)[], signal: AbortSignal) {
    this.#owed = owed
    this.signal = signal
    signal.addEventListener("abort", () => this.lose("unknown"))
  }

  /** What the lane waits for. */
  get end(): Promise<void> {
    return this.#end.promise
  }

  /** The commands of it, as lines of words. */
  get lines(): string[] {
    return this.#owed.flatMap((one) =>
      "args" in one ? [one.args.join(" ")] : ["MULTI", ...one.commands.map((args) => args.join(" ")), "EXEC"],
    )
  }

  /** The server answers each command. */
  answer(...replies: (Reply | Error)[]): void {
    if (!this.#close()) return
    this.#owed.forEach((one, index) => {
      const reply = replies[index] ?? "OK"
      if (reply instanceof Error) one.reject(reply)
      else if ("args" in one) one.resolve(reply)
      else one.resolve(replies as Reply[])
    })
    this.#end.resolve()
  }

  /** The server turns the whole away. */
  refuse(retryAfterMs = 0): void {
    if (!this.#close()) return
    const refusal = new ConnectionError("503: too many requests", { fate: "refused", retryAfterMs })
    for (const one of this.#owed) one.reject(refusal)
    this.#end.resolve()
  }

  /** No response comes. */
  lose(fate: "unsent" | "unknown"): void {
    if (this.#close()) this.#end.reject(new ConnectionError("the response did not come", { fate }))
  }

  /** A response comes that says nothing. */
  ignore(): void {
    if (this.#close()) this.#end.resolve()
  }

  /** False if it has come to its end already. */
  #close(): boolean {
    const was = this.isOpen
    this.isOpen = false
    return was
  }
}

/** Carries batches into a test's hands. */
export class FakeExchanger implements Exchanger {
  /** Every batch ever sent, oldest first. */
  readonly exchanges: FakeExchange[] = []
  isClosed = false

  /** Those without a response. */
  get open(): FakeExchange[] {
    return this.exchanges.filter(({ isOpen }) => isOpen)
  }

  exchange(batch: readonly (Request | Transaction)[], signal: AbortSignal): Promise<void> {
    const exchange = new FakeExchange(batch, signal)
    this.exchanges.push(exchange)
    return exchange.end
  }

  close(): void {
    this.isClosed = true
  }
}

/** A portable client, what it sends by, and its clock. */
export interface ExchangeBench {
  readonly redis: PortableRedis
  readonly host: FakeHost
  readonly exchanger: FakeExchanger
}

/** A client whose every batch waits for the test's word. */
export function exchanging(
  options: Partial<PortableOptions> = {},
  traits: Partial<Traits> = {},
): ExchangeBench {
  const host = new FakeHost()
  const exchanger = new FakeExchanger()
  const transport: Transport = {
    traits: { persistent: false, leases: false, maxRequests: 1_000, maxBytes: 1_000_000, ...traits },
    connect: () => Promise.reject(new ConnectionError("there are no connections")),
    lane: (surroundings, limits) => new ExchangeLane(surroundings, limits, exchanger),
  }
  return { host, exchanger, redis: createPortableRedis({ transport, host, ...options }) }
}
