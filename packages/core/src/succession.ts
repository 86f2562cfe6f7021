import { ping, within } from "./ask.ts"
import { ADVICE } from "./connector.ts"
import type { Entry } from "./entry.ts"
import { ConnectionError } from "./errors.ts"
import type { Host } from "./host.ts"
import type { Pool } from "./pool.ts"

/** What a lane needs of the pool. */
export type Opener = Pick<Pool, "open" | "retire" | "evict">

/** What the lane does about its connections. */
export interface SuccessionEvents {
  /** A connection is there, or a successor has proved itself. */
  ready(): void
  /** None could be opened. */
  failed(error: Error): void
  /** The current connection is gone; a successor, if there was one, has taken its place. */
  gone(): void
  /** Whether the connection now in use is still to be replaced. */
  wantsSuccessor(current: Entry): boolean
  writable(): void
}

/** The shared connection, and the one opened beside it to take over. */
export class Succession {
  readonly #pool: Opener
  readonly #host: Host
  readonly #patienceMs: number
  readonly #events: SuccessionEvents
  #current: Entry | undefined
  #successor: Entry | undefined
  #proven = false
  #opening = false
  #failures = 0
  #unanswered = 0
  #obstacle: Error | undefined
  #roundTripMs = Number.POSITIVE_INFINITY

  /** @param time.patienceMs - Longest wait for the first answer of a successor. */
  constructor(pool: Opener, time: { host: Host; patienceMs: number }, events: SuccessionEvents) {
    this.#pool = pool
    this.#host = time.host
    this.#patienceMs = time.patienceMs
    this.#events = events
  }

  get current(): Entry | undefined {
    return this.#current
  }

  /** Whether a successor has answered, so that it may take over. */
  get proven(): boolean {
    return this.#proven
  }

  /** Whether there is a successor, proven or not. */
  get hasSuccessor(): boolean {
    return this.#successor !== undefined
  }

  /** Failed attempts since the last that succeeded. */
  get failures(): number {
    return this.#failures
  }

  /** Connections in a row that were lost without a single byte from the server. */
  get unanswered(): number {
    return this.#unanswered
  }

  /** What stands between the lane and a connection: the last failure, or an attempt that is still under way. */
  get obstacle(): Error | undefined {
    if (this.#obstacle || !this.#opening || this.#current) return this.#obstacle
    return new ConnectionError(`still connecting: ${ADVICE}`)
  }

  /** The shortest round trip seen, ms; `Infinity` before the first. */
  get roundTripMs(): number {
    return this.#roundTripMs
  }

  /** Notes a round trip that began at a moment of the wall clock. */
  measured(since: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs, Math.max(0, this.#host.now() - since))
  }

  /** Opens a connection: the current one if there is none, else a successor. One attempt at a time. */
  open(): void {
    if (this.#opening) return
    this.#opening = true
    const startedAt = this.#host.now()
    this.#pool.open("shared").then(
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

  /** The successor takes over. Gives the connection that it replaces; closing that is the caller's. */
  promote(): Entry | undefined {
    const old = this.#current
    this.#current = this.#takeSuccessor()
    return old
  }

  /** Closes a successor that is not needed after all. */
  dismiss(): void {
    this.#recover()
    const surplus = this.#takeSuccessor()
    if (surplus) void this.#pool.retire(surplus)
  }

  /** Closes the current connection, on which nothing is owed. */
  abandon(): void {
    const current = this.#current
    this.#current = undefined
    if (current) void this.#pool.retire(current)
  }

  /** Lets go of what there is, for others to close; nothing while a connection is being opened. */
  takeAll(): Entry[] {
    if (this.#opening) return []
    const entries = [this.#current, this.#takeSuccessor()].filter((entry) => entry !== undefined)
    this.#current = undefined
    for (const entry of entries) {
      entry.onGone = undefined
      entry.onWritable = undefined
    }
    return entries
  }

  #takeSuccessor(): Entry | undefined {
    const successor = this.#successor
    this.#successor = undefined
    this.#proven = false
    return successor
  }

  #adopt(entry: Entry): void {
    entry.onGone = (reason) => this.#lose(entry, reason)
    if (entry.state === "closed") {
      this.#fail(new ConnectionError("the server closed the connection as it opened"))
      return
    }
    entry.onWritable = () => this.#events.writable()
    if (this.#current === undefined) {
      this.#recover()
      this.#current = entry
      this.#events.ready()
      return
    }
    this.#successor = entry
    if (this.#events.wantsSuccessor(this.#current)) void this.#prove(entry)
    else this.dismiss()
  }

  /** A stalled server still accepts connections: one takes over only once it has answered, and makes room if not. */
  async #prove(entry: Entry): Promise<void> {
    const alive = await within(this.#host, this.#patienceMs, ping(entry.connection))
    if (this.#successor !== entry) return
    if (alive) {
      this.#recover()
      this.#proven = true
      this.#events.ready()
      return
    }
    // Closing in order would wait for its answer.
    entry.connection.destroy(new ConnectionError("a new connection opened and did not answer"))
  }

  /** There is a connection that works. One that only opened proves nothing: a stalled server would get a storm of them. */
  #recover(): void {
    this.#failures = 0
    this.#obstacle = undefined
  }

  #fail(error: Error): void {
    this.#obstacle = error
    this.#failures += 1
    this.#events.failed(error)
  }

  #lose(entry: Entry, reason: Error): void {
    if (entry === this.#successor) {
      this.#takeSuccessor()
      this.#fail(reason)
    }
    if (entry !== this.#current) return
    this.#unanswered = entry.connection.received > 0 ? 0 : this.#unanswered + 1
    this.#current = this.#takeSuccessor()
    this.#events.gone()
  }
}
