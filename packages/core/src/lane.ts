import type { Deadlines, Watched } from "./deadlines.ts"
import type { Entry } from "./entry.ts"
import { type Fate, OutcomeUnknownError, type PoolClosedError, TimeoutError } from "./errors.ts"
import type { Events } from "./events.ts"
import type { Host } from "./host.ts"
import { type Keeper, type Pending, QUEUED, SENT, SETTLED } from "./pending.ts"
import { isRefusal, lostError } from "./retry.ts"
import type { Arg, Request, Traits, Transaction } from "./transport.ts"

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
  /** Why a transaction can't be run at all, on a lease neither; undefined if it can. */
  refusalOf?(commands: readonly (readonly Arg[])[]): Error | undefined
  /** Lets go of connections on which nobody waits for anything, for others to close; the next command opens another. */
  takeIdle?(): readonly Entry[]
}

const NO_TIME_LEFT = "the invocation has no more than reserveMs left"

/** Takes requests in order and sends those of one tick together. */
export abstract class Lane implements Keeper, Watched {
  acknowledged = -1
  attentive = false
  readonly surroundings: Surroundings
  /** Commands that were not sent yet, in order. */
  queue: Sendable[] = []
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

  abstract takesBack(pending: Sendable, refusal: Error): boolean
  abstract lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void
  abstract get unsettled(): readonly Pending[]
  protected abstract flush(): void
  /** What lately kept the queue from leaving, for the error of those that wait in it. */
  protected get obstacle(): unknown {
    return undefined
  }

  /** Fails a command that is past its deadline; one in flight keeps its place, and its late reply is dropped. */
  expire(pending: Pending): void {
    if (pending.stage === SETTLED) return
    const { deadlines, events } = this.surroundings
    const waitedMs = deadlines.now() - pending.issued
    const command = pending.spec.wire
    const fate = pending.stage === SENT || pending.exposed ? "unknown" : "unsent"
    if (events.wanted("timeout")) events.emit("timeout", { command, fate, waitedMs })
    pending.settle(this.#lateness(pending, fate, waitedMs))
  }

  #lateness(pending: Pending, fate: "unsent" | "unknown", waitedMs: number): Error {
    const { setback, spec, replayable } = pending
    const isSent = fate === "unknown"
    if (!isSent && isRefusal(setback)) return setback
    const hint = hintOf(pending, fate)
    const cause = setback ?? (isSent || hint === NO_TIME_LEFT ? undefined : this.obstacle)
    const what = isSent ? `no reply to ${spec.wire}` : `${spec.wire} was not sent`
    const why = cause instanceof Error ? cause.message : hint
    const error = new TimeoutError(`${what} in ${waitedMs} ms: ${why}`, { cause, fate, waitedMs })
    return isSent && !replayable ? new OutcomeUnknownError(spec.wire, { cause: error, waitedMs }) : error
  }

  /** Forgets what settled while it waited, and fails what is past its deadline: it must not be sent any more. */
  prune(): void {
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

/** Why a command waited in vain where nothing else is known: what to raise, or what happened. */
function hintOf({ deadline, issued }: Pending, fate: Fate): string {
  if (fate === "unknown") return "raise commandTimeoutMs, or the function's own timeout, if it needs longer"
  return deadline <= issued ? NO_TIME_LEFT : "the server did not answer, or the process stood still"
}
