import { ConnectionError } from "./errors.ts"
import { ExchangeLane } from "./exchange-lane.ts"
import { createPortableRedis, type PortableOptions } from "./portable.ts"
import type { PortableRedis } from "./redis.ts"
import { FakeHost } from "./testing/fake-host.ts"
import type { Connection, Owed, Reply, Request, Traits, Transaction, Transport } from "./transport.ts"

/** One batch on its way to the server: the test says what becomes of it. */
export class FakeExchange {
  readonly signal: AbortSignal | undefined
  readonly #connection: ExchangeConnection
  readonly #owed: (Request | Transaction)[]

  constructor(
    connection: ExchangeConnection,
    owed: readonly (Request | Transaction)[],
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection
    this.#owed = [...owed]
    this.signal = signal
    signal?.addEventListener("abort", () => this.lose("unknown"))
  }

  /** The commands of it, as lines of words. */
  get lines(): string[] {
    return this.#owed.flatMap((one) =>
      "args" in one ? [one.args.join(" ")] : ["MULTI", ...one.commands.map((args) => args.join(" ")), "EXEC"],
    )
  }

  get owed(): readonly Owed<never>[] {
    return this.#connection.open.includes(this) ? this.#owed : []
  }

  /** The server answers each command. */
  answer(...replies: (Reply | Error)[]): void {
    if (!this.#connection.take(this)) return
    this.#connection.hear()
    this.#owed.forEach((one, index) => {
      const reply = replies[index] ?? "OK"
      if (reply instanceof Error) one.reject(reply)
      else if ("args" in one) one.resolve(reply)
      else one.resolve(replies as Reply[])
    })
  }

  /** The server turns the whole away. */
  refuse(retryAfterMs = 0): void {
    if (!this.#connection.take(this)) return
    this.#connection.hear()
    const refusal = new ConnectionError("503: too many requests", { fate: "refused", retryAfterMs })
    for (const one of this.#owed) one.reject(refusal)
  }

  /** No response comes. */
  lose(fate: "unsent" | "unknown"): void {
    if (!this.#connection.take(this)) return
    for (const one of this.#owed) one.lose(fate, new ConnectionError("the response did not come"))
  }
}

/** A connection that keeps nothing open between batches, in a test's hands. */
export class ExchangeConnection implements Connection {
  /** Every batch ever sent, oldest first. */
  readonly exchanges: FakeExchange[] = []
  /** Those without a response. */
  open: FakeExchange[] = []
  received = 0
  lastByteAt = 0
  readonly backlog = 0
  readonly #host: FakeHost

  constructor(host: FakeHost) {
    this.#host = host
  }

  get owed(): number {
    return this.open.reduce((count, { owed }) => count + owed.length, 0)
  }

  each(visit: (owed: Owed<unknown>) => void): void {
    for (const { owed } of [...this.open]) for (const one of owed) visit(one as Owed<unknown>)
  }

  send(batch: readonly (Request | Transaction)[], signal?: AbortSignal): void {
    const exchange = new FakeExchange(this, batch, signal)
    this.exchanges.push(exchange)
    this.open.push(exchange)
  }

  hear(): void {
    this.received += 1
    this.lastByteAt = this.#host.now()
  }

  /** Takes one off the list of those under way; false if it was not there. */
  take(exchange: FakeExchange): boolean {
    const known = this.open.includes(exchange)
    this.open = this.open.filter((other) => other !== exchange)
    return known
  }

  onWritable(): void {}
  onClose(): void {}

  async close(): Promise<void> {}

  destroy(): void {
    for (const exchange of [...this.open]) exchange.lose("unknown")
  }
}

/** A portable client, its connection and its clock. */
export interface ExchangeBench {
  readonly redis: PortableRedis
  readonly host: FakeHost
  readonly connection: ExchangeConnection
}

/** A client whose every batch waits for the test's word. */
export function exchanging(
  options: Partial<PortableOptions> = {},
  traits: Partial<Traits> = {},
): ExchangeBench {
  const host = new FakeHost()
  const connection = new ExchangeConnection(host)
  const transport: Transport = {
    traits: { persistent: false, leases: false, maxRequests: 1_000, maxBytes: 1_000_000, ...traits },
    connect: async () => connection,
    lane: (surroundings, limits) => new ExchangeLane(surroundings, limits, connection),
  }
  return { host, connection, redis: createPortableRedis({ transport, host, ...options }) }
}
