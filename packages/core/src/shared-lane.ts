import { ping } from "./ask.ts"
import { backoffMs } from "./backoff.ts"
import type { Entry } from "./entry.ts"
import { ConnectionError, type Fate, OutcomeUnknownError, type PoolClosedError } from "./errors.ts"
import type { Timer } from "./host.ts"
import { Lane, type Sendable, type Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import { Pending, SETTLED, Single, Slot } from "./pending.ts"
import type { Pool } from "./pool.ts"
import { Probe } from "./probe.ts"
import { isHopeless, isOverwrite, isRefusal, lostError, type RetryWrites } from "./retry.ts"
import { Survivors } from "./survivors.ts"
import type { Connection } from "./transport.ts"

/** Shortest wait for a sign of life before a replacement is opened, ms. */
const SHORTEST_DOUBT_MS = 3
/** After a replacement for age could not be opened, ms until the next attempt. */
const LIFETIME_RETRY_MS = 1_000

/** What the shared lane is told at construction. */
export interface SharedLaneOptions {
  readonly pool: Pool
  readonly limits: Limits
  readonly retryWrites: RetryWrites
}

/**
 * The lane of ordinary commands: one shared connection, replaced when it dies, when it stays silent after a freeze,
 * when the server refuses, or when it is old. While it is replaced nothing new is sent; survivors go first, in order.
 */
export class SharedLane extends Lane {
  readonly #pool: Pool
  readonly #limits: Limits
  readonly #retryWrites: RetryWrites
  readonly #survivors = new Survivors()
  #entry: Entry | undefined
  /** Opened beside the current connection; takes over once the server has answered on it. */
  #successor: Entry | undefined
  #successorProven = false
  #opening = false
  #failures = 0
  #obstacle: unknown
  #pause: Timer | undefined
  #probe: Probe | undefined
  #lostInFlight = false
  #roundTripMs = Number.POSITIVE_INFINITY
  #ended: PoolClosedError | undefined

  constructor(surroundings: Surroundings, { pool, limits, retryWrites }: SharedLaneOptions) {
    super(surroundings)
    this.#pool = pool
    this.#limits = limits
    this.#retryWrites = retryWrites
  }

  /** Fails what was not sent; what is in flight is lost with its connection. */
  end(reason: PoolClosedError): void {
    this.#ended = reason
    this.#pause?.cancel()
    this.#dropProbe()
    this.queue = [...this.#survivors.takeAll(), ...this.queue]
    this.failQueue(reason)
  }

  override eachPending(visit: (pending: Pending) => void): void {
    this.#survivors.each(visit)
    super.eachPending(visit)
  }

  protected connections(): readonly Connection[] {
    return this.#entry === undefined ? [] : [this.#entry.connection]
  }

  protected get obstacle(): unknown {
    return this.#obstacle
  }

  protected flush(): void {
    if (this.#ended) return
    this.#settleDoubt()
    if (this.#pause) return
    this.attentive = false
    if (!this.#restoreSurvivors()) return
    this.prune()
    if (this.#probe) return this.#keepDoubting(this.#probe)
    if (this.queue.length === 0) return
    if (this.#entry === undefined) return this.#open()
    this.#sendOn(this.#entry)
  }

  #sendOn(entry: Entry): void {
    const now = this.surroundings.host.now()
    const silentMs = entry.silentMs(now)
    if (silentMs > this.#limits.validateAfterMs) return this.#doubt(entry, silentMs)
    if (now > entry.expiresAt && !this.#successor) this.#open()
    if (!this.#successor || !this.#successorProven) return this.transmit(entry)
    this.attentive = entry.connection.owed > 0
    if (this.attentive) return
    this.#entry = this.#succeed(this.#successor)
    void this.#pool.retire(entry)
    this.transmit(this.#entry)
  }

  // A connection in doubt

  /** Starts validating: leading reads go out and prove the connection; where there are none, a PING. */
  #doubt(entry: Entry, silentMs: number): void {
    const { host, events } = this.surroundings
    const probe = new Probe(entry, host.now())
    this.#probe = probe
    this.attentive = true
    if (events.wanted("thaw")) events.emit("thaw", { id: entry.id, silentMs })
    const patience = Math.min(3 * this.#roundTripMs, this.#limits.validateTimeoutMs)
    probe.timer = host.after(Math.max(SHORTEST_DOUBT_MS, patience), () => void this.#overdue(probe))
    const firstOther = this.queue.findIndex((pending) => !pending.replayable)
    if (firstOther !== 0) this.transmit(entry, firstOther < 0 ? this.queue.length : firstOther)
    else if (entry.connection.owed === 0) void ping(entry.connection).then(() => this.schedule())
  }

  async #overdue(probe: Probe): Promise<void> {
    await this.surroundings.host.turn()
    if (this.#probe !== probe) return
    probe.overdue = true
    this.schedule()
  }

  /** Ends the doubt if a byte came: the connection lives, and a replacement is not needed. */
  #settleDoubt(): void {
    const probe = this.#probe
    if (!probe?.answered) return
    this.#measured(probe.startedAt)
    this.#dropProbe()
    this.#pause?.cancel()
    this.#pause = undefined
    if (this.#successor) void this.#pool.retire(this.#succeed(this.#successor))
  }

  #dropProbe(): void {
    this.#probe?.timer?.cancel()
    this.#probe = undefined
  }

  #keepDoubting(probe: Probe): void {
    this.attentive = true
    if (!probe.overdue) return
    if (this.#successor === undefined) return this.#open()
    if (!this.#successorProven) return
    const elapsedMs = this.surroundings.host.now() - probe.startedAt
    const leftMs = this.#limits.validateTimeoutMs - elapsedMs
    if (leftMs > 0 && holdsWrites(probe.entry)) {
      probe.timer = this.surroundings.host.after(leftMs, () => void this.#overdue(probe))
      return
    }
    this.#dropProbe()
    this.#entry = this.#succeed(this.#successor)
    const reason = `the connection was silent for ${elapsedMs} ms while a new one answered`
    this.#pool.evict(probe.entry, new ConnectionError(reason))
    this.#lostInFlight = false
    this.schedule()
  }

  suspect(): void {
    const entry = this.#entry
    if (entry === undefined || this.#probe || this.#ended) return
    const { host } = this.surroundings
    const before = entry.connection.received
    host.after(this.#limits.validateTimeoutMs, () => {
      const { received, owed } = entry.connection
      if (this.#entry !== entry || this.#probe || this.#ended || received !== before || owed === 0) return
      this.#probe = new Probe(entry, host.now())
      this.#probe.overdue = true
      this.schedule()
    })
  }

  // Opening and replacing

  #open(): void {
    if (this.#opening) return
    this.#opening = true
    const startedAt = this.surroundings.host.now()
    this.#pool.open("shared").then(
      (entry) => {
        this.#opening = false
        this.#measured(startedAt)
        this.#adopt(entry)
      },
      (error: unknown) => {
        this.#opening = false
        this.#failed(error)
      },
    )
  }

  #adopt(entry: Entry): void {
    entry.onGone = (reason) => this.#gone(entry, reason)
    if (entry.state === "closed")
      return this.#failed(new ConnectionError("the connection closed as it opened"))
    entry.connection.onWritable(() => this.schedule())
    this.#failures = 0
    this.#obstacle = undefined
    const current = this.#entry
    if (current === undefined) {
      this.#entry = entry
      return this.schedule()
    }
    if (!this.#probe && this.surroundings.host.now() <= current.expiresAt)
      return void this.#pool.retire(entry)
    this.#successor = entry
    void this.#prove(entry)
  }

  /** A stalled server still accepts connections: one takes over only once it has answered. */
  async #prove(entry: Entry): Promise<void> {
    const alive = await ping(entry.connection)
    if (!alive || this.#successor !== entry) return
    this.#successorProven = true
    this.schedule()
  }

  #succeed(successor: Entry): Entry {
    this.#successor = undefined
    this.#successorProven = false
    return successor
  }

  #failed(error: unknown): void {
    if (this.#ended) return
    this.#obstacle = error
    this.#failures += 1
    if (this.#entry && !this.#probe) {
      this.#entry.expiresAt = this.surroundings.host.now() + LIFETIME_RETRY_MS
      return
    }
    if (!this.#entry && isHopeless(error)) return this.failQueue(toError(error))
    this.prune()
    if (this.queue.length > 0 || this.#survivors.size > 0) this.#rest("connect", this.#failures)
  }

  #gone(entry: Entry, reason: Error): void {
    if (entry === this.#successor) {
      this.#succeed(entry)
      return this.#failed(reason)
    }
    if (entry !== this.#entry || this.#ended) return
    const busy = this.#lostInFlight && !this.#probe
    this.#lostInFlight = false
    this.#dropProbe()
    this.#entry = this.#successor && this.#succeed(this.#successor)
    if (busy || this.#survivors.attempts > 1) this.#rest("commands", this.#survivors.attempts)
    else this.schedule()
  }

  /** Waits before the next try, so that a fleet does not come back at one moment. */
  #rest(what: "connect" | "commands", attempt: number): void {
    const { host, events } = this.surroundings
    const inMs = backoffMs(attempt)
    const count = this.#survivors.size + this.queue.length
    if (events.wanted("retry")) events.emit("retry", { what, count, inMs })
    this.#pause?.cancel()
    this.#pause = host.after(inMs, () => {
      this.#pause = undefined
      this.schedule()
    })
  }

  /** Notes the shortest round trip seen, from a moment of the wall clock until now. */
  #measured(since: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs, Math.max(0, this.surroundings.host.now() - since))
  }

  // Commands that come back

  takesBack(pending: Sendable, refusal: Error): boolean {
    if (this.#ended || !isRefusal(refusal)) return false
    this.#survivors.keep(pending, refusal)
    this.attentive = true
    this.schedule()
    return true
  }

  lost(pending: Sendable, fate: Exclude<Fate, "refused">, cause: Error): void {
    if (fate === "unknown") {
      this.#lostInFlight = true
      pending.exposed = true
    }
    if (this.#ended) return pending.settle(lostError(pending, this.#ended))
    if (fate === "unknown" && !this.#mayReplay(pending)) {
      return pending.settle(new OutcomeUnknownError(pending.spec.wire, { cause }))
    }
    this.#survivors.keep(pending, cause)
    this.schedule()
  }

  #mayReplay(pending: Sendable): boolean {
    if (pending.replayable) return true
    if (this.#retryWrites === "never") return false
    return (pending instanceof Single || pending instanceof Slot) && isOverwrite(pending.spec, pending.args)
  }

  /**
   * Puts survivors back in front once everything in flight has settled: only then is it known whether a later write
   * was acknowledged, behind which a refused command must not be sent.
   *
   * @returns false while the lane has to wait.
   */
  #restoreSurvivors(): boolean {
    const survivors = this.#survivors
    if (survivors.size === 0) return true
    const entry = this.#entry
    if (entry && entry.connection.owed > 0) {
      this.attentive = true
      return false
    }
    survivors.failOvertaken(this.acknowledged)
    const { refused, attempts, wantNewConnection } = survivors
    this.queue = [...survivors.takeAll(), ...this.queue]
    if (!refused) return true
    if (entry && wantNewConnection) {
      this.#entry = undefined
      void this.#pool.retire(entry)
    }
    this.#rest("commands", attempts)
    return false
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ConnectionError(String(thrown))
}

/** Whether something is in flight that must not be sent twice. */
function holdsWrites(entry: Entry): boolean {
  let writes = false
  entry.connection.each((owed) => {
    writes ||= owed instanceof Pending && owed.stage !== SETTLED && !owed.replayable
  })
  return writes
}
