import { failOnAbort } from "./aborts.ts"
import { blockingWaitMs } from "./commands/blocking.ts"
import { Deadlines } from "./deadlines.ts"
import { type Fate, PoolClosedError } from "./errors.ts"
import { Events } from "./events.ts"
import { fateOf, noteFate } from "./fate-of.ts"
import { Holders } from "./holders.ts"
import type { Lane, Sendable, Surroundings } from "./lane.ts"
import type { LeaseLane } from "./lease-lane.ts"
import { Leases } from "./leases.ts"
import { Ledgers } from "./ledger.ts"
import type { Settings } from "./options.ts"
import { type Call, Single, type Terms } from "./pending.ts"
import { Pool, type PoolStats } from "./pool.ts"
import { SharedLane } from "./shared-lane.ts"
import { harmless } from "./stray.ts"

/** How the caller wants one command, or all of a view, to be sent. */
export interface How {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** The parts of one client, and the way in for commands. */
export class Client {
  readonly settings: Settings
  readonly events: Events
  readonly shared: SharedLane
  readonly holders: Holders
  readonly #surroundings: Surroundings
  readonly #ledgers: Ledgers
  readonly #pool: Pool
  readonly #leases: Leases
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
    this.shared = new SharedLane(this.#surroundings, { pool: this.#pool, limits, retryWrites })
    this.holders = new Holders(this.#surroundings, this.#leases, limits)
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

  /** Runs a command that waits on the server, on a lease of its own: the shared connection would wait with it. */
  block(call: Call, how: How | undefined): Promise<unknown> {
    const terms = this.terms(how, blockingWaitMs(call.spec, call.args))
    let fate: Fate | undefined = "unsent"
    const run = async (): Promise<unknown> => {
      try {
        const lane = await this.lease(how)
        const single = new Single(call, terms, lane)
        this.enlist(lane, single, how)
        try {
          return await single.promise
        } finally {
          fate = fateOf(single.promise)
          void this.giveBack(lane)
        }
      } catch (error) {
        noteFate(promise, error, fate)
        throw error
      } finally {
        terms.ledger.done()
      }
    }
    terms.ledger.add()
    const promise = run()
    return harmless(promise)
  }

  /** Leases a connection to the current invocation. */
  async lease(how: How | undefined): Promise<LeaseLane> {
    if (this.#closed) throw closedError(this.#closed)
    const { acquireTimeoutMs } = this.settings.limits
    const { ledger, issued, deadline } = this.terms({ ...how, timeoutMs: how?.timeoutMs ?? acquireTimeoutMs })
    const wait = {
      timeoutMs: Math.max(0, Math.min(acquireTimeoutMs, deadline - issued)),
      signal: how?.signal,
    }
    return this.holders.acquire(ledger.scope, wait)
  }

  giveBack(lane: LeaseLane): Promise<void> {
    return this.holders.release(lane)
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
    this.#leases.end(this.#closed)
    await this.#ledgers.whole.settled()
    await this.holders.empty(this.settings.commandTimeoutMs)
    await this.holders.takeBackAll()
    await this.#finish(() => this.#pool.drain(this.#closed ?? new PoolClosedError("the client is closed")))
  }

  /** Refuses new work, gives up the old, closes all now. */
  close(): Promise<void> {
    this.#closed ??= new PoolClosedError("the client is closed: create another")
    const reason = this.#closed
    this.#leases.end(reason)
    this.shared.end(reason)
    this.#pool.end(reason)
    return this.#finish(() => Promise.resolve())
  }

  async #finish(closing: () => Promise<void>): Promise<void> {
    await closing()
    this.#surroundings.deadlines.stop()
  }
}

function closedError(reason: PoolClosedError): PoolClosedError {
  return new PoolClosedError(reason.message, { fate: "unsent" })
}
