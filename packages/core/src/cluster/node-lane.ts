import { ConnectionError, type PoolClosedError, ReplyError } from "../errors.ts"
import type { Timer } from "../host.ts"
import type { Sendable, Surroundings } from "../lane.ts"
import type { SharedLaneOptions } from "../replacing-lane.ts"
import { isRefusal } from "../retry.ts"
import { SharedLane } from "../shared-lane.ts"

/** What a node's lane asks of the lane of the whole cluster. */
export interface NodeLaneOptions extends SharedLaneOptions {
  readonly address: string
  /** Sends elsewhere what is not this node's; gives what is. Called when nothing is in flight. */
  claim(lane: NodeLane, queue: Sendable[]): Sendable[]
  /** The node is silent, or says that the cluster is down: who serves its slots is to be asked. */
  onDoubt(): void
}

/**
 * The lane of one node of a cluster. What the node redirects is taken back, waits until everything before it has
 * settled, and then leaves together with what came behind it: within a slot the order is kept.
 */
export class NodeLane extends SharedLane {
  readonly address: string
  readonly #options: NodeLaneOptions
  #misplaced = false
  #grace: Timer | undefined
  #left = false
  /** Bytes received when it was last found silent. */
  #silentAt: number | undefined

  constructor(surroundings: Surroundings, options: NodeLaneOptions) {
    super(surroundings, options)
    this.address = options.address
    this.#options = options
  }

  /** Whether nothing is in flight, queued, or waiting to be sent again. */
  get isIdle(): boolean {
    return this.connections().every(({ owed }) => owed === 0) && !this.isAwaited
  }

  /** Takes over a command of another lane, behind those it has. */
  adopt(pending: Sendable): void {
    pending.keeper = this
    this.submit(pending)
  }

  /**
   * Slots of this lane are served elsewhere: once what is in flight has settled, all the rest is placed anew. A node that
   * answers nothing meanwhile is dropped: it may be the reason why its slots are elsewhere.
   */
  scatter(): void {
    if (this.#misplaced) return
    this.#misplaced = true
    if (this.isStuck || this.#silentAt === this.received) this.#depose()
    this.#wait(3 * this.#options.limits.validateTimeoutMs)
    this.schedule()
  }

  /** Looks again and again: a connection that was to replace a silent one may be silent too. */
  #wait(ms: number): void {
    const before = this.received
    this.#grace = this.surroundings.host.after(ms, () => {
      if (!this.#misplaced) return
      if (this.received === before) this.#depose()
      this.#wait(this.#options.limits.validateTimeoutMs)
    })
  }

  /** Drops a connection that owes replies and gives none. */
  #depose(): void {
    const { current } = this
    if (current && current.connection.owed > 0) {
      const reason = new ConnectionError("its slots are served elsewhere, and it is silent")
      this.#options.pool.evict(current, reason)
    }
    this.schedule()
  }

  /** Tries again at once: the cluster has changed. */
  resume(): void {
    this.pause.cancel()
    this.schedule()
  }

  /** Whether commands wait for a connection, or for a refusal to pass. */
  get isStuck(): boolean {
    const isHeld = this.isDoubting || this.pause.isOn || this.current === undefined
    return isHeld && this.isAwaited
  }

  override end(reason: PoolClosedError): void {
    this.#grace?.cancel()
    super.end(reason)
  }

  /** Closes a lane that has no slots any more, and in which nothing is left. */
  leave(): void {
    this.#left = true
    this.#grace?.cancel()
    this.calm()
    this.dismiss()
    this.abandon()
    // Whoever walks the nodes may still hold it: nobody would look at the deadlines of what comes now.
    this.failQueue(new ConnectionError("the node serves no slots any more"))
    this.surroundings.deadlines.unwatch(this)
  }

  override retries(refusal: Error): boolean {
    return isRefusal(refusal)
  }

  override takesBack(pending: Sendable, refusal: Error): boolean {
    if (refusal instanceof ReplyError && refusal.kind === "CLUSTERDOWN") this.#options.onDoubt()
    return super.takesBack(pending, refusal)
  }

  protected override onSilence(): void {
    this.#silentAt = this.received
    this.#options.onDoubt()
  }

  protected override flush(): void {
    if (this.#left) this.leave()
    else super.flush()
  }

  protected override get misplaced(): boolean {
    return this.#misplaced
  }

  protected override place(queue: Sendable[]): Sendable[] {
    this.#misplaced = false
    this.#grace?.cancel()
    return this.#options.claim(this, queue)
  }
}
