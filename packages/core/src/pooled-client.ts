import { runBlocking } from "./blocked-call.ts"
import { Client } from "./client.ts"
import type { ClusterLane } from "./cluster/cluster-lane.ts"
import type { PoolClosedError } from "./errors.ts"
import { Holders, type Whose } from "./holders.ts"
import type { How } from "./how.ts"
import { kindOf } from "./kind.ts"
import type { MainLane } from "./lane.ts"
import { type LeaseLane, releasedError } from "./lease-lane.ts"
import { Leases } from "./leases.ts"
import type { Limits } from "./limits.ts"
import type { Settings } from "./options.ts"
import { Pauses } from "./pauses.ts"
import type { Call, Terms } from "./pending.ts"
import { Pool, type PoolStats } from "./pool.ts"
import { blockingError, leaselessError, statefulError, unsendableError } from "./refusals.ts"
import { unsentError } from "./retry.ts"
import { SharedLane } from "./shared-lane.ts"
import type { Kind, SubscribeOptions, Subscription } from "./subscription.ts"
import { Subscriptions } from "./subscriptions.ts"
import type { Arg } from "./transport.ts"

/** A client that keeps connections: one shared, some leased, one for subscriptions. */
export class PooledClient extends Client {
  readonly main: MainLane
  /** The same, where the server is a cluster. */
  readonly cluster: ClusterLane | undefined
  readonly holders: Holders
  /** Waits of blocking commands between two tries. */
  readonly pauses: Pauses
  readonly limits: Limits
  readonly pool: Pool
  readonly leases: Leases
  /** By slot where they are of shard channels of a cluster: those live on the node of their slot. */
  readonly #subscriptions = new Map<number | undefined, Subscriptions>()

  constructor(settings: Settings) {
    const { host, transport, retryWrites } = settings
    const limits = settings
    super(settings, limits.validateTimeoutMs)
    const surroundings = this.surroundings
    this.limits = limits
    this.pool = new Pool({ transport, host, limits, events: this.events })
    this.leases = new Leases(surroundings, this.pool, limits)
    const parts = { pool: this.pool, limits, retryWrites }
    this.cluster = transport.cluster?.lane(surroundings, parts)
    this.main =
      this.cluster ?? transport.lane?.(surroundings, settings) ?? new SharedLane(surroundings, parts)
    this.pauses = new Pauses(host)
    this.holders = new Holders(surroundings, this.leases, limits)
  }

  override run(call: Call, how: How | undefined): Promise<unknown> {
    const kind = kindOf(call)
    if (kind === "ordinary") return this.issue(this.main, call, how)
    // On a lease of its own: the shared connection would wait with it.
    if (kind === "blocking") return runBlocking(this, call, how)
    throw kind === "stateful" ? statefulError(call) : unsendableError(call)
  }

  override admit(call: Call, into: "pipeline" | "transaction" = "pipeline"): void {
    const kind = kindOf(call)
    if (kind === "unsendable") throw unsendableError(call)
    if (kind === "stateful") throw statefulError(call)
    // In a transaction the server does not wait.
    if (kind === "blocking" && into === "pipeline") throw blockingError(call)
  }

  #checkOpen(): void {
    if (this.closed) throw unsentError("", this.closed)
  }

  /** How long until the deadline, ms. */
  leftMs({ deadline }: Terms): number {
    return deadline - this.surroundings.deadlines.now()
  }

  /** Leases a connection to the current invocation; of a cluster, one to the node of the key. */
  async lease(how: How | undefined, key?: Arg, whose: Whose = "the caller's"): Promise<LeaseLane> {
    this.#checkOpen()
    if (!this.surroundings.traits.leases) throw leaselessError()
    const { acquireTimeoutMs } = this.limits
    const { ledger, issued, deadline } = this.terms({ ...how, timeoutMs: how?.timeoutMs ?? acquireTimeoutMs })
    const wait = {
      timeoutMs: Math.max(0, Math.min(acquireTimeoutMs, deadline - issued)),
      signal: either(how?.signal, ledger.scope?.signal),
      place: this.cluster?.locate.bind(this.cluster, key),
    }
    return this.holders.acquire(ledger.scope, wait, whose)
  }

  giveBack(lane: LeaseLane): Promise<void> {
    return this.holders.release(lane)
  }

  /** Subscribes until the caller, or the invocation, ends it. */
  subscribe(kind: Kind, names: string | readonly string[], options: SubscribeOptions = {}): Subscription {
    this.#checkOpen()
    const subscription = this.#subscriptionsOf(kind, names).open(kind, names, options)
    this.ledgers.current().scope?.onEnd?.(() => void subscription.close())
    return subscription
  }

  #subscriptionsOf(kind: Kind, names: string | readonly string[]): Subscriptions {
    const channels = kind === "s" ? [names].flat() : []
    const slot = this.cluster?.shardOf(channels)
    const known = this.#subscriptions.get(slot)
    if (known) return known
    const place = this.cluster?.locate.bind(this.cluster, channels[0])
    const parts = { leases: this.leases, limits: this.limits, place }
    const subscriptions = new Subscriptions(this.surroundings, parts)
    this.#subscriptions.set(slot, subscriptions)
    return subscriptions
  }

  #endSubscriptions(reason: PoolClosedError): void {
    for (const subscriptions of this.#subscriptions.values()) subscriptions.end(reason)
  }

  override stats(): PoolStats {
    return this.pool.stats(this.leases.waiting)
  }

  /** Whether any command has not settled yet. */
  get isPending(): boolean {
    return this.ledgers.whole.isPending
  }

  protected override async finish(reason: PoolClosedError): Promise<void> {
    this.#endSubscriptions(reason)
    this.leases.end(reason)
    const leasesBack = this.holders
      .empty(this.settings.commandTimeoutMs)
      .then(() => this.holders.takeBackAll(releasedError()))
    // Leases that are not given back are taken: their commands may wait on the server for ever.
    await Promise.all([this.ledgers.whole.settled(), leasesBack])
    this.main.end(reason)
    await this.pool.drain(reason)
    this.surroundings.deadlines.stop()
  }

  protected override async abandon(reason: PoolClosedError): Promise<void> {
    this.#endSubscriptions(reason)
    this.leases.end(reason)
    this.main.end(reason)
    this.pauses.end()
    const leasesBack = this.holders.takeBackAll(reason)
    this.pool.end(reason)
    this.surroundings.deadlines.stop()
    await leasesBack
  }
}

/** A signal that aborts with the first of two. */
function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return AbortSignal.any([one, other])
}
