import type { Entry } from "../entry.ts"
import { ConnectionError, type PoolClosedError, type UnsupportedCommandError } from "../errors.ts"
import { Lane, type Sendable, type Surroundings } from "../lane.ts"
import { Command, type Pending, SETTLED } from "../pending.ts"
import type { Opener, SharedLaneOptions } from "../replacing-lane.ts"
import { Rest } from "../rest.ts"
import { isHopeless, isRefusal, lostError } from "../retry.ts"
import type { Arg } from "../transport.ts"
import { crossSlotError, slotOfChannels } from "./cross-slot.ts"
import { NodeLane } from "./node-lane.ts"
import { ASKING, redirectOf } from "./redirect.ts"
import type { Topology } from "./routes.ts"
import { SLOTS, slotOf, slotOfCommand, slotsOf } from "./slot.ts"
import { Vigil } from "./vigil.ts"
import { meetNodes, scanNodes } from "./visit.ts"

/**
 * The lane of ordinary commands to a cluster: it hands each to the lane of the node that serves its slot, and keeps
 * those for which no node is known. A command without a key goes to the master of slot 0.
 */
export class ClusterLane extends Lane {
  readonly meet = meetNodes.bind(undefined, this)
  readonly scan = scanNodes.bind(undefined, this)
  readonly shardOf = slotOfChannels
  readonly #topology: Topology
  readonly #options: SharedLaneOptions
  readonly #lanes = new Map<string, NodeLane>()
  /** Who takes the commands of a slot; where the topology says another, its lane has not been emptied yet. */
  readonly #owners = new Array<NodeLane | undefined>(SLOTS).fill(undefined)
  readonly #pause: Rest
  readonly #vigil: Vigil
  readonly #unlisten: () => void
  #learning = false
  #failures = 0
  #obstacle: Error | undefined
  #ended: PoolClosedError | undefined

  constructor(surroundings: Surroundings, options: SharedLaneOptions, topology: Topology) {
    super(surroundings)
    this.#topology = topology
    this.#options = options
    this.#pause = new Rest(surroundings, () => this.schedule())
    this.#vigil = new Vigil(surroundings.host, topology, () =>
      [...this.#lanes.values()].some((lane) => lane.isStuck),
    )
    this.#unlisten = topology.onChange(() => this.#update())
  }

  /** One lane for each master; none before the cluster was asked. */
  get lanes(): readonly Lane[] {
    return [...new Set(this.#owners)].filter((lane) => lane !== undefined)
  }

  override submit(pending: Sendable): void {
    const lane = this.#laneOf(pending)
    if (lane === undefined || this.#ended) super.submit(pending)
    else lane.adopt(pending)
  }

  /**
   * Gives the node of a key, any master's without one; it is looked up when it is needed, for it may change.
   *
   * @throws ConnectionError when no node of the cluster answers.
   */
  async locate(key?: Arg): Promise<() => string | undefined> {
    if (this.#topology.nodes.length === 0) await this.#topology.refresh()
    const slot = key === undefined ? 0 : slotOf(key)
    return () => this.#topology.nodeOf(slot) ?? this.#topology.nodes[0]
  }

  /** Why a transaction can't be run by any single node; undefined if one can. */
  refusalOf(commands: readonly (readonly Arg[])[]): UnsupportedCommandError | undefined {
    const { size } = slotsOf(commands)
    return size > 1 ? crossSlotError(size) : undefined
  }

  /** Whether a command that was refused so is sent again. */
  retries(refusal: Error): boolean {
    return isRefusal(refusal)
  }

  /** Fails what was not sent; what is in flight is lost with its connection. */
  end(reason: PoolClosedError): void {
    this.#ended = reason
    this.#unlisten()
    this.#pause.cancel()
    this.#vigil.cancel()
    this.failQueue(reason)
    for (const lane of this.#lanes.values()) lane.end(reason)
  }

  takeIdle(): readonly Entry[] {
    return [...this.#lanes.values()].flatMap((lane) => lane.takeIdle())
  }

  /** Nothing of this lane is ever in flight: the lanes of the nodes keep what they send. */
  takesBack(): boolean {
    return false
  }

  lost(pending: Sendable, _fate: "unsent" | "unknown", cause: Error): void {
    pending.settle(lostError(pending, cause))
  }

  get unsettled(): readonly Pending[] {
    return this.queue.filter(({ stage }) => stage !== SETTLED)
  }

  protected override get obstacle(): unknown {
    return this.#obstacle
  }

  /** Asks the cluster for what could not be placed. */
  protected flush(): void {
    if (this.#ended) this.failQueue(this.#ended)
    if (this.#pause.holdsBack(this)) return
    this.prune()
    if (this.queue.length > 0 && !this.#learning) void this.#learn()
  }

  async #learn(): Promise<void> {
    this.#learning = true
    try {
      await this.#topology.refresh()
      this.#learning = false
      this.#update()
      this.#obstacle = new ConnectionError("no node of the cluster serves the slot of the key")
    } catch (error) {
      this.#learning = false
      this.#obstacle = error instanceof Error ? error : new ConnectionError(String(error))
      if (isHopeless(error)) this.failQueue(this.#obstacle)
    }
    this.prune()
    if (this.#ended || this.queue.length === 0) {
      this.#failures = 0
      return
    }
    this.#failures += 1
    this.#pause.begin("connect", { attempt: this.#failures }, this)
  }

  /** Takes over what the topology says: at once where a lane is idle, else when it has nothing in flight. */
  #update(): void {
    if (this.#ended) return
    const busy = new Set<NodeLane>()
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const owner = this.#owners[slot]
      const address = this.#topology.nodeOf(slot)
      if (address === undefined || owner?.address === address) continue
      if (owner && (busy.has(owner) || !owner.isIdle)) busy.add(owner)
      else this.#owners[slot] = this.#laneAt(address)
    }
    for (const lane of busy) lane.scatter()
    for (const lane of this.#lanes.values()) lane.resume()
    this.#pause.cancel()
    const queue = this.queue
    this.queue = []
    for (const pending of queue) if (pending.stage !== SETTLED) this.submit(pending)
    this.#dismiss()
  }

  /** Places what a lane has left when nothing of it is in flight; gives what stays there. */
  #claim(lane: NodeLane, queue: Sendable[]): Sendable[] {
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const address = this.#topology.nodeOf(slot)
      if (this.#owners[slot] !== lane || address === undefined || address === lane.address) continue
      this.#owners[slot] = this.#laneAt(address)
    }
    const stays: Sendable[] = []
    for (const pending of queue) {
      const redirect = redirectOf(pending.setback)
      const owner = this.#laneOf(pending, lane)
      if (pending.spec === ASKING.spec || pending.stage === SETTLED) pending.settle(undefined)
      else if (redirect?.kind === "ASK")
        this.#ask(this.#laneAt(this.#topology.reach(redirect.address)), pending)
      else if (owner === lane) stays.push(pending)
      else this.submit(pending)
    }
    // Not before the lane has finished with what it was doing.
    queueMicrotask(() => this.#dismiss())
    return stays
  }

  /** In one write: the node forgets after one command that it was asked. */
  #ask(lane: NodeLane, pending: Sendable): void {
    const { ledger, issued, deadline } = pending
    pending.setback = undefined
    lane.adopt(new Command(ASKING, { ledger, issued, deadline }, lane))
    lane.adopt(pending)
  }

  /**
   * The lane of a command; undefined where no node is known. Where we do not know its keys, as of a module's command, the
   * server's redirect tells the slot. Without any it stays with its holder: a cursor of SCAN is one node's own.
   */
  #laneOf(pending: Sendable, holder?: NodeLane): NodeLane | undefined {
    const told = redirectOf(pending.setback)?.slot
    if ("args" in pending) return this.#ownerOf(slotOfCommand(pending.spec, pending.args) ?? told, holder)
    const [first] = slotsOf(pending.commands)
    return this.#ownerOf(first ?? told, holder)
  }

  #ownerOf(slot: number | undefined, holder?: NodeLane): NodeLane | undefined {
    if (slot !== undefined) return this.#owners[slot]
    if (holder && this.#owners.includes(holder)) return holder
    return this.#owners[0] ?? this.#owners.find((owner) => owner !== undefined)
  }

  #laneAt(address: string): NodeLane {
    const known = this.#lanes.get(address)
    if (known) return known
    const lane = new NodeLane(this.surroundings, {
      ...this.#options,
      address,
      pool: this.#openerOf(address),
      claim: (from, queue) => this.#claim(from, queue),
      onDoubt: () => this.#vigil.begin(),
    })
    this.#lanes.set(address, lane)
    return lane
  }

  #openerOf(address: string): Opener {
    const { pool } = this.#options
    let opens = 0
    return {
      open: (state) => {
        opens += 1
        // A node that was lost may have lost its slots too.
        if (opens > 1) this.#vigil.begin()
        return pool.open(state, address)
      },
      retire: (entry) => pool.retire(entry),
      evict: (entry, reason) => pool.evict(entry, reason),
    }
  }

  /** Closes lanes that have no slots any more. */
  #dismiss(): void {
    const owners = new Set(this.#owners)
    for (const [address, lane] of this.#lanes) {
      if (owners.has(lane) || !lane.isIdle) continue
      this.#lanes.delete(address)
      lane.leave()
    }
  }
}
