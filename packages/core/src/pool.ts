import { Connector } from "./connector.ts"
import { Entry, type State } from "./entry.ts"
import { ConnectionError, type PoolClosedError } from "./errors.ts"
import type { Events } from "./events.ts"
import type { Host } from "./host.ts"
import type { Limits } from "./limits.ts"
import type { Transport } from "./transport.ts"

/** Connections by state, and what became of all the others. */
export interface PoolStats {
  readonly connecting: number
  readonly idle: number
  readonly shared: number
  readonly leased: number
  /** Callers waiting for a lease. */
  readonly waiting: number
  readonly opened: number
  readonly closed: number
  readonly evicted: number
}

/** What a pool rests on. */
export interface PoolParts {
  readonly transport: Transport
  readonly host: Host
  readonly limits: Limits
  readonly events: Events
}

/** Opens and closes the connections of one client, and counts them. Whom they serve is decided elsewhere. */
export class Pool {
  readonly #host: Host
  readonly #events: Events
  readonly #limits: Limits
  readonly #connector: Connector
  readonly #entries = new Set<Entry>()
  /** Connections that the server has yet to let go of: they count on its side. */
  readonly parting = new Set<Promise<boolean>>()
  #opened = 0
  #closed = 0
  #evicted = 0
  #ended: PoolClosedError | undefined

  constructor({ transport, host, limits, events }: PoolParts) {
    this.#host = host
    this.#events = events
    this.#limits = limits
    this.#connector = new Connector(transport, host, limits.connectTimeoutMs)
  }

  /** Opens a connection for `state`, to `node` of a cluster. Throws what the transport throws, or PoolClosedError. */
  async open(state: State, node?: string): Promise<Entry> {
    while (this.parting.size > 0) await Promise.all(this.parting)
    if (this.#ended) throw this.#ended
    const startedAt = this.#host.now()
    const connection = await this.#connector.open(node)
    if (this.#ended) {
      connection.destroy(new ConnectionError("the client was closed"))
      throw this.#ended
    }
    const openedAt = this.#host.now()
    const lifetimeMs = this.#limits.maxLifetimeMs * (0.9 + 0.2 * Math.random())
    this.#opened += 1
    const entry = new Entry(this.#opened, connection, { state, openedAt, lifetimeMs, node })
    this.#entries.add(entry)
    connection.onWritable(() => entry.onWritable?.())
    connection.onClose((reason) => this.#gone(entry, reason))
    if (this.#events.wanted("open")) this.#events.emit("open", { id: entry.id, tookMs: openedAt - startedAt })
    return entry
  }

  /** Drops a connection now: nothing it still holds is delivered later. */
  evict(entry: Entry, reason: Error): void {
    if (entry.state === "closed") return
    this.#evicted += 1
    if (this.#events.wanted("evict")) this.#events.emit("evict", { id: entry.id, reason: reason.message })
    entry.connection.destroy(reason)
  }

  /** Closes a connection that nobody waits for; what it owes to nobody may take `validateTimeoutMs`. */
  async retire(entry: Entry): Promise<void> {
    if (entry.state === "closed") return
    entry.state = "draining"
    const reason = new ConnectionError("did not close in time")
    const timer = this.#host.after(this.#limits.validateTimeoutMs, () => entry.connection.destroy(reason))
    await entry.connection.close()
    timer.cancel()
  }

  /** Connections that are open, draining ones included, or being opened. */
  get size(): number {
    return this.#entries.size + this.#connector.connecting
  }

  /** Evicts every connection and abandons every attempt; nothing opens any more. */
  end(reason: PoolClosedError): void {
    this.#ended = reason
    this.#connector.abandon(reason)
    for (const entry of [...this.#entries])
      entry.connection.destroy(new ConnectionError("the client was closed"))
  }

  /** Refuses new connections and closes the open ones as their last replies come in. */
  async drain(reason: PoolClosedError): Promise<void> {
    this.#ended = reason
    this.#connector.abandon(reason)
    await Promise.all([...this.#entries].map((entry) => this.retire(entry)))
  }

  stats(waiting: number): PoolStats {
    const count = (state: State): number => [...this.#entries].filter((entry) => entry.state === state).length
    return {
      connecting: this.#connector.connecting,
      idle: count("idle"),
      shared: count("shared"),
      leased: count("leased"),
      waiting,
      opened: this.#opened,
      closed: this.#closed,
      evicted: this.#evicted,
    }
  }

  #gone(entry: Entry, reason: Error): void {
    entry.state = "closed"
    this.#closed += 1
    this.#entries.delete(entry)
    if (this.#events.wanted("close")) {
      this.#events.emit("close", { id: entry.id, livedMs: this.#host.now() - entry.openedAt })
    }
    entry.onGone?.(reason)
  }
}
