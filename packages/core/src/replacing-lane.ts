import { ping, within } from "./ask.ts"
import { ADVICE } from "./connector.ts"
import type { Entry } from "./entry.ts"
import { ConnectionError } from "./errors.ts"
import type { Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import type { Pool } from "./pool.ts"
import type { RetryWrites } from "./retry.ts"
import { SurvivingLane } from "./surviving-lane.ts"
import type { Connection } from "./transport.ts"

/** What a lane needs of the pool. */
export type Opener = Pick<Pool, "open" | "retire" | "evict">

/** What the shared lane is told at construction. */
export interface SharedLaneOptions {
  readonly pool: Opener
  readonly limits: Limits
  readonly retryWrites: RetryWrites
}

/** A lane with one connection, and at times another that was opened beside it to take over. */
export abstract class ReplacingLane extends SurvivingLane {
  protected readonly pool: Opener
  protected readonly limits: Limits
  protected current: Entry | undefined
  protected successor: Entry | undefined
  /** Whether the successor has answered, so that it may take over. */
  protected proven = false
  /** Failed attempts since the last that succeeded. */
  protected failures = 0
  /** Connections in a row that were lost without a single byte from the server. */
  protected unanswered = 0
  /** The shortest round trip seen, ms; `Infinity` before the first. */
  protected roundTripMs = Number.POSITIVE_INFINITY
  #opening = false
  #obstacle: Error | undefined

  constructor(surroundings: Surroundings, { pool, limits, retryWrites }: SharedLaneOptions) {
    super(surroundings, retryWrites)
    this.pool = pool
    this.limits = limits
  }

  /** Whether the connection now in use is still to be replaced. */
  protected abstract wantsSuccessor(current: Entry): boolean
  /** None could be opened. */
  protected abstract failed(error: Error): void
  /** The current connection is gone; a successor, if there was one, has taken its place. */
  protected abstract gone(): void

  protected connections(): readonly Connection[] {
    return this.current ? [this.current.connection] : []
  }

  /** What stands between the lane and a connection: the last failure, or an attempt that is still under way. */
  protected override get obstacle(): Error | undefined {
    if (this.#obstacle || !this.#opening || this.current) return this.#obstacle
    return new ConnectionError(`still connecting: ${ADVICE}`)
  }

  /** Notes a round trip that began at a moment of the wall clock. */
  protected measured(since: number): void {
    this.roundTripMs = Math.min(this.roundTripMs, Math.max(0, this.surroundings.host.now() - since))
  }

  /** Opens a connection: the current one if there is none, else a successor. One attempt at a time. */
  protected open(): void {
    if (this.#opening) return
    this.#opening = true
    const startedAt = this.surroundings.host.now()
    this.pool.open("shared").then(
      (entry) => {
        this.#opening = false
        this.measured(startedAt)
        this.#adopt(entry)
      },
      (error: Error) => {
        this.#opening = false
        this.#fail(error)
      },
    )
  }

  /** The successor, if there is one, takes over; closing what it replaces is the caller's. */
  protected promote(): void {
    this.current = this.#takeSuccessor()
  }

  /** Closes a successor that is not needed after all. */
  protected dismiss(): void {
    this.#recover()
    const surplus = this.#takeSuccessor()
    if (surplus) void this.pool.retire(surplus)
  }

  /** Closes the current connection, on which nothing is owed. */
  protected abandon(): void {
    const { current } = this
    this.current = undefined
    if (current) void this.pool.retire(current)
  }

  /** Lets go of what there is, for others to close; nothing while a connection is being opened. */
  protected takeAll(): Entry[] {
    if (this.#opening) return []
    const entries = [this.current, this.#takeSuccessor()].filter((entry) => entry !== undefined)
    this.current = undefined
    for (const entry of entries) {
      entry.onGone = undefined
      entry.onWritable = undefined
    }
    return entries
  }

  #takeSuccessor(): Entry | undefined {
    const { successor } = this
    this.successor = undefined
    this.proven = false
    return successor
  }

  #adopt(entry: Entry): void {
    entry.onGone = (reason) => this.#lose(entry, reason)
    if (entry.state === "closed") {
      this.#fail(new ConnectionError("the server closed the connection as it opened"))
      return
    }
    entry.onWritable = () => this.schedule()
    if (this.current === undefined) {
      this.#recover()
      this.current = entry
      this.schedule()
      return
    }
    this.successor = entry
    if (this.wantsSuccessor(this.current)) void this.#prove(entry)
    else this.dismiss()
  }

  /** A stalled server still accepts connections: one takes over only once it has answered, and makes room if not. */
  async #prove(entry: Entry): Promise<void> {
    const { host } = this.surroundings
    const alive = await within(host, this.limits.validateTimeoutMs, ping(entry.connection))
    if (this.successor !== entry) return
    if (alive) {
      this.#recover()
      this.proven = true
      this.schedule()
      return
    }
    // Closing in order would wait for its answer.
    entry.connection.destroy(new ConnectionError("a new connection opened and did not answer"))
  }

  /** There is a connection that works. One that only opened proves nothing: a stalled server would get a storm of them. */
  #recover(): void {
    this.failures = 0
    this.#obstacle = undefined
  }

  #fail(error: Error): void {
    this.#obstacle = error
    this.failures += 1
    this.failed(error)
  }

  #lose(entry: Entry, reason: Error): void {
    if (entry === this.successor) {
      this.#takeSuccessor()
      this.#fail(reason)
    }
    if (entry !== this.current) return
    this.unanswered = entry.connection.received > 0 ? 0 : this.unanswered + 1
    this.promote()
    this.gone()
  }
}
