import { failOnAbort } from "./aborts.ts"
import { BlockedCall } from "./blocked-call.ts"
import type { ClusterLane } from "./cluster/cluster-lane.ts"
import { Deadlines } from "./deadlines.ts"
import { PoolClosedError } from "./errors.ts"
import { Events } from "./events.ts"
import { Holders, type Whose } from "./holders.ts"
import type { Lane, Sendable, Surroundings } from "./lane.ts"
import { type LeaseLane, releasedError } from "./lease-lane.ts"
import { Leases } from "./leases.ts"
import { Ledgers } from "./ledger.ts"
import type { Settings } from "./options.ts"
import { Pauses } from "./pauses.ts"
import { type Call, Single, type Terms } from "./pending.ts"
import { Pool, type PoolStats } from "./pool.ts"
import { SharedLane } from "./shared-lane.ts"
import type { Kind, SubscribeOptions, Subscription } from "./subscription.ts"
import { Subscriptions } from "./subscriptions.ts"
import type { Arg } from "./transport.ts"

/** How the caller wants one command, or all of a view, to be sent. */
export interface How {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** The parts of one client, and the way in for commands. */
export class Client {
  readonly settings: Settings
  readonly events: Events
  readonly shared: SharedLane | ClusterLane
  /** The same, where the server is a cluster. */
  readonly cluster: ClusterLane | undefined
  readonly holders: Holders
  /** Waits of blocking commands between two tries. */
  readonly pauses: Pauses
  readonly #surroundings: Surroundings
  readonly #ledgers: Ledgers
  readonly #pool: Pool
  readonly #leases: Leases
  readonly #subscriptions: Subscriptions
  readonly #shards = new Map<number, Subscriptions>()
  #closed: PoolClosedError | undefined
  #draining: Promise<void> | undefined

  constructor(settings: Settings) {
    const { host, limits, transport, retryWrites } = settings
    this.settings = settings
    this.events = new Events(host)
    const deadlines = new Deadlines(host, limits.validateTimeoutMs)
    this.#surroundings = { host, events: this.events, deadlines, traits: transport.traits }
    this.#ledgers = new Ledgers(host.scope?.bind(host))
    this.#pool = new Pool({ transport, host, limits, events: this.events })
    this.#leases = new Leases(this.#surroundings, this.#pool, limits)
    const parts = { pool: this.#pool, limits, retryWrites }
    this.cluster = transport.cluster?.lane(this.#surroundings, parts)
    this.shared = this.cluster ?? new SharedLane(this.#surroundings, parts)
    this.pauses = new Pauses(host)
    this.holders = new Holders(this.#surroundings, this.#leases, limits)
    const subscribing = { leases: this.#leases, limits, place: this.cluster?.locate.bind(this.cluster) }
    this.#subscriptions = new Subscriptions(this.#surroundings, subscribing)
  }

  /** Why nothing is accepted any more; undefined while the client is open. */
  get closed(): PoolClosedError | undefined {
    return this.#closed
  }

  /** Who waits, and until when: the command's own limit or the end of the invocation, whichever comes first. */
  terms(how: How | undefined, extraMs = 0): Terms {
    const { commandTimeoutMs, reserveMs } = this.settings
    const { deadlines } = this.#surroundings
    const ledger = this.#ledgers.current()
    const issued = deadlines.now()
    let deadline = issued + (how?.timeoutMs ?? commandTimeoutMs) + extraMs
    if (ledger.scope) deadline = Math.min(deadline, deadlines.fromWallClock(ledger.scope.endsAt) - reserveMs)
    return { ledger, issued, deadline }
  }

  /** Hands a command to a lane and gives the caller's promise. */
  // biome-ignore lint/complexity/useMaxParams: called for every command; an object to hold them would be made each time.
  issue(lane: Lane, call: Call, how: How | undefined, extraMs = 0): Promise<unknown> {
    const single = new Single(call, this.terms(how, extraMs), lane)
    this.enlist(lane, single, how)
    return single.promise
  }

  /** Puts a command into a lane's queue, unless its caller has given up already. */
  enlist(lane: Lane, pending: Sendable, how: How | undefined): void {
    const signal = how?.signal
    if (signal) failOnAbort(pending, signal)
    const ending = pending.ledger.scope?.signal
    if (ending) failOnAbort(pending, ending)
    if (this.#closed && lane === this.shared) pending.settle(closedError(this.#closed))
    if (pending.stage === 0) lane.submit(pending)
  }

  /** Runs a command that waits on the server, on a lease of its own. */
  block(call: Call, how: How | undefined): Promise<unknown> {
    return new BlockedCall(this, call, how).run()
  }

  /** How long until the deadline, ms. */
  leftMs({ deadline }: Terms): number {
    return deadline - this.#surroundings.deadlines.now()
  }

  /** Leases a connection to the current invocation; of a cluster, one to the node of the key. */
  async lease(how: How | undefined, key?: Arg, whose: Whose = "the caller's"): Promise<LeaseLane> {
    if (this.#closed) throw closedError(this.#closed)
    const { acquireTimeoutMs } = this.settings.limits
    const { ledger, issued, deadline } = this.terms({ ...how, timeoutMs: how?.timeoutMs ?? acquireTimeoutMs })
    const wait = {
      timeoutMs: Math.max(0, Math.min(acquireTimeoutMs, deadline - issued)),
      signal: either(how?.signal, ledger.scope?.signal),
      ...(this.cluster && { place: this.cluster.locate.bind(this.cluster, key) }),
    }
    return this.holders.acquire(ledger.scope, wait, whose)
  }

  giveBack(lane: LeaseLane): Promise<void> {
    return this.holders.release(lane)
  }

  /** Subscribes until the caller, or the invocation, ends it. */
  subscribe(kind: Kind, names: string | readonly string[], options: SubscribeOptions = {}): Subscription {
    if (this.#closed) throw closedError(this.#closed)
    const subscription = this.#subscriptionsOf(kind, names).open(kind, names, options)
    this.#ledgers.current().scope?.onEnd?.(() => void subscription.close())
    return subscription
  }

  /** Shard channels of a cluster live on the node of their slot: each slot has a connection of its own. */
  #subscriptionsOf(kind: Kind, names: string | readonly string[]): Subscriptions {
    if (kind !== "s" || this.cluster === undefined) return this.#subscriptions
    const { slot, locate } = this.cluster.shardOf([names].flat())
    const known = this.#shards.get(slot)
    if (known) return known
    const { limits } = this.settings
    const shard = new Subscriptions(this.#surroundings, { leases: this.#leases, limits, place: locate })
    this.#shards.set(slot, shard)
    return shard
  }

  #endSubscriptions(reason: PoolClosedError): void {
    for (const subscriptions of [this.#subscriptions, ...this.#shards.values()]) subscriptions.end(reason)
  }

  /** Resolves when every command of the current invocation has settled; outside one, every command. */
  settled(): Promise<void> {
    return this.#ledgers.current().settled()
  }

  stats(): PoolStats {
    return this.#pool.stats(this.#leases.waiting)
  }

  /** Refuses new work, lets the old finish within its deadlines, closes all. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain()
    return this.#draining
  }

  async #drain(): Promise<void> {
    this.#closed ??= new PoolClosedError("the client is draining: nothing new is sent")
    const reason = this.#closed
    this.#endSubscriptions(reason)
    this.#leases.end(reason)
    const leasesBack = this.holders
      .empty(this.settings.commandTimeoutMs)
      .then(() => this.holders.takeBackAll(releasedError()))
    // Leases that are not given back are taken: their commands may wait on the server for ever.
    await Promise.all([this.#ledgers.whole.settled(), leasesBack])
    this.shared.end(reason)
    await this.#pool.drain(reason)
    this.#surroundings.deadlines.stop()
  }

  /** Refuses new work, gives up the old, closes all now. */
  async close(): Promise<void> {
    this.#closed ??= new PoolClosedError("the client is closed: create another")
    const reason = this.#closed
    this.#endSubscriptions(reason)
    this.#leases.end(reason)
    this.shared.end(reason)
    this.pauses.end()
    const leasesBack = this.holders.takeBackAll(reason)
    this.#pool.end(reason)
    this.#surroundings.deadlines.stop()
    await leasesBack
  }
}

/** A signal that aborts with the first of two. */
function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return AbortSignal.any([one, other])
}

function closedError(reason: PoolClosedError): PoolClosedError {
  return new PoolClosedError(reason.message, { fate: "unsent" })
}
