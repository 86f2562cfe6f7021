import { watchBatch } from "./batch-watch.ts"
import type { Deadlines, Watched } from "./deadlines.ts"
import type { Entry } from "./entry.ts"
import {
  type Fate,
  OutcomeUnknownError,
  type PoolClosedError,
  TimeoutError,
  WarmpoolError,
} from "./errors.ts"
import type { Events } from "./events.ts"
import type { Host } from "./host.ts"
import { type Keeper, Pending, QUEUED, SENT, SETTLED } from "./pending.ts"
import { lostError } from "./retry.ts"
import type { Arg, Connection, Request, Traits, Transaction } from "./transport.ts"

/** A pending command in the shape a transport takes. */
export type Sendable = Pending & (Request | Transaction)

/** What every lane of a client shares. */
export interface Surroundings {
  readonly host: Host
  readonly events: Events
  readonly deadlines: Deadlines
  readonly traits: Traits
}

/** The lane of a client's ordinary commands, whatever lies under it. */
export interface MainLane extends Lane {
  /** Fails what was not sent, and takes nothing more. */
  end(reason: PoolClosedError): void
  /** Whether a command that was refused so is sent again. */
  retries(refusal: Error): boolean
  /** Lets go of connections on which nobody waits for anything, for others to close; the next command opens another. */
  takeIdle?(): readonly Entry[]
}

/** Bytes handed to a connection before the lane asks whether the kernel took them. */
const SLICE_BYTES = 256 * 1024

/** Takes requests in order and sends those of one tick together. */
export abstract class Lane implements Keeper, Watched {
  acknowledged = -1
  attentive = false
  protected readonly surroundings: Surroundings
  protected queue: Sendable[] = []
  #sequence = 0
  #ticking = false
  readonly #onTick = (): void => {
    this.#ticking = false
    this.flush()
  }

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings
    surroundings.deadlines.watch(this)
  }

  /** Accepts a command; it leaves with the others of this tick. */
  submit(pending: Sendable): void {
    pending.sequence = this.#sequence
    this.#sequence += 1
    this.queue.push(pending)
    this.surroundings.deadlines.arm(pending.deadline)
    if (!this.#ticking) this.schedule()
  }

  attend(): void {
    this.schedule()
  }

  /** Looks at the queue at the end of this tick. */
  protected schedule(): void {
    if (this.#ticking) return
    this.#ticking = true
    this.surroundings.host.tick(this.#onTick)
  }

  /** Why a transaction can't be run over this lane at all; undefined if it can. */
  refusalOf(_commands: readonly (readonly Arg[])[]): Error | undefined {
    return undefined
  }

  abstract takesBack(pending: Sendable, refusal: Error): boolean
  abstract lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void
  abstract suspect(): void
  protected abstract flush(): void
  /** The connections on which something of this lane may be in flight. */
  protected abstract connections(): readonly Connection[]
  /** What lately kept the queue from leaving, for the error of those that wait in it. */
  protected abstract get obstacle(): unknown

  get received(): number {
    return this.connections().reduce((total, connection) => total + connection.received, 0)
  }

  eachPending(visit: (pending: Pending) => void): void {
    for (const pending of [...this.queue]) if (pending.stage !== SETTLED) visit(pending)
    for (const connection of this.connections()) {
      connection.each((owed) => {
        if (owed instanceof Pending && owed.keeper === this && owed.stage !== SETTLED) visit(owed)
      })
    }
  }

  /** Whether anybody still waits for a command of this lane. */
  protected get isAwaited(): boolean {
    let awaited = false
    this.eachPending(() => {
      awaited = true
    })
    return awaited
  }

  /** How many commands at the head of the queue only read. */
  protected get leadingReads(): number {
    const firstOther = this.queue.findIndex(({ replayable }) => !replayable)
    return firstOther < 0 ? this.queue.length : firstOther
  }

  /** Fails a command that is past its deadline; one in flight keeps its place, and its late reply is dropped. */
  expire(pending: Pending): void {
    const { deadlines, events } = this.surroundings
    const waitedMs = deadlines.now() - pending.issued
    const command = pending.spec.wire
    const fate = pending.stage === SENT || pending.exposed ? "unknown" : "unsent"
    if (events.wanted("timeout")) events.emit("timeout", { command, fate, waitedMs })
    pending.settle(this.#lateness(pending, fate, waitedMs))
  }

  #lateness(pending: Pending, fate: "unsent" | "unknown", waitedMs: number): Error {
    const command = pending.spec.wire
    const setback = pending.setback
    if (fate === "unsent" && setback instanceof WarmpoolError && setback.fate === "refused") return setback
    if (pending.deadline <= pending.issued) {
      const message = `${command} was not sent: the invocation has no more than reserveMs left`
      return new TimeoutError(message, { fate, waitedMs })
    }
    if (fate === "unsent") {
      const cause = setback ?? this.obstacle
      const why =
        cause instanceof Error ? cause.message : "the server did not answer, or the process stood still"
      return new TimeoutError(`${command} was not sent in ${waitedMs} ms: ${why}`, { cause, fate, waitedMs })
    }
    const why = setback?.message ?? `raise ${limitsOf(pending)} if it needs longer`
    const late = new TimeoutError(`no reply to ${command} in ${waitedMs} ms: ${why}`, {
      cause: setback,
      fate,
      waitedMs,
    })
    return pending.replayable ? late : new OutcomeUnknownError(command, { cause: late, waitedMs })
  }

  /** Sends from the head of the queue for as long as the kernel takes it, `most` requests at the most. */
  protected transmit(entry: Entry, most = Number.POSITIVE_INFINITY): void {
    const { events, host } = this.surroundings
    let left = most
    while (left > 0 && this.queue.length > 0 && entry.state !== "closed" && entry.connection.backlog === 0) {
      const batch = this.#slice(left)
      left -= batch.length
      for (const pending of batch) pending.stage = SENT
      const watched = events.wanted("batch") ? watchBatch(batch, host) : undefined
      entry.connection.send(batch)
      if (watched === undefined) continue
      events.emit("batch", { id: entry.id, size: batch.length, ...watched })
      // A listener may have aborted what is still in the queue.
      this.prune()
    }
  }

  /** Takes the next requests off the queue: all, unless they are too many or too large for one send. */
  #slice(most: number): Sendable[] {
    const { maxRequests, maxBytes } = this.surroundings.traits
    const count = Math.min(most, maxRequests, this.queue.length)
    const room = Math.min(SLICE_BYTES, maxBytes)
    let bytes = 0
    let end = 0
    for (; end < count; end += 1) {
      const size = this.queue[end]?.size ?? 0
      if (end > 0 && bytes + size > room) break
      bytes += size
    }
    if (end === this.queue.length) {
      const all = this.queue
      this.queue = []
      return all
    }
    return this.queue.splice(0, end)
  }

  /** Forgets what settled while it waited, and fails what is past its deadline: it must not be sent any more. */
  protected prune(): void {
    const now = this.surroundings.deadlines.now()
    const queue = this.queue
    if (queue.every(({ stage, deadline }) => stage === QUEUED && deadline > now)) return
    for (const pending of queue) if (pending.stage === QUEUED && pending.deadline <= now) this.expire(pending)
    this.queue = this.queue.filter(({ stage }) => stage === QUEUED)
  }

  /** Fails everything that was not sent. */
  protected failQueue(cause: Error): void {
    const queue = this.queue
    this.queue = []
    for (const pending of queue) this.giveUp(pending, cause)
  }

  /** Fails a command together with what carried it. */
  protected giveUp(pending: Pending, cause: Error): void {
    pending.settle(lostError(pending, cause, this.surroundings.deadlines.now()))
  }
}

/** What may have ended the wait, in words. */
function limitsOf(pending: Pending): string {
  return pending.ledger.scope ? "commandTimeoutMs, or the function's own timeout," : "commandTimeoutMs"
}
