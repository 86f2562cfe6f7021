import { ping } from "./ask.ts"
import { LONGEST_MS } from "./common-options.ts"
import type { Entry } from "./entry.ts"
import { ConnectionError, type PoolClosedError } from "./errors.ts"
import type { Surroundings } from "./lane.ts"
import { Probe } from "./probe.ts"
import { ReplacingLane, type SharedLaneOptions } from "./replacing-lane.ts"
import { Rest } from "./rest.ts"
import { isHopeless, needsNewConnection } from "./retry.ts"
import { failOvertaken, mostAttempts, mustWait } from "./survivors.ts"
import { leadingReads, transmit } from "./transmit.ts"

/** Shortest wait for a sign of life before a replacement is opened, ms. */
const SHORTEST_DOUBT_MS = 3

/**
 * The lane of ordinary commands: one shared connection, replaced when it dies, when it stays silent after a freeze,
 * when the server refuses, or when it is old. While it is replaced nothing new is sent; survivors go first, in order.
 */
export class SharedLane extends ReplacingLane {
  protected readonly pause: Rest
  #probe: Probe | undefined
  /** Looks after the connection while it owes replies. */
  #watch: Probe | undefined

  constructor(surroundings: Surroundings, options: SharedLaneOptions) {
    super(surroundings, options)
    this.pause = new Rest(surroundings, () => this.schedule())
  }

  /** Fails what was not sent; what is in flight is lost with its connection. */
  end(reason: PoolClosedError): void {
    this.ended = reason
    this.calm()
    this.failQueue(reason)
  }

  /** Calls every timer off. */
  protected calm(): void {
    this.pause.cancel()
    this.#endWatch()
    this.#dropProbe()
  }

  protected wantsSuccessor({ expiresAt }: Entry): boolean {
    return this.isDoubting || this.surroundings.host.now() > expiresAt
  }

  /** Whether it is not known that the connection lives. */
  protected get isDoubting(): boolean {
    return this.#probe !== undefined
  }

  protected flush(): void {
    if (this.ended) {
      this.failQueue(this.ended)
      return
    }
    this.#settleDoubt()
    if (this.pause.holdsBack(this)) return
    this.attentive = false
    if (!this.#probe && !this.#restoreSurvivors()) return
    this.prune()
    const { current } = this
    if (this.#probe) this.#keepDoubting(this.#probe)
    else if (this.queue.length === 0) return
    else if (current === undefined) this.open()
    else this.#sendOn(current)
  }

  #sendOn(entry: Entry): void {
    if (this.#doubtIfSilent(entry)) return
    if (this.surroundings.host.now() > entry.expiresAt && !this.successor) this.open()
    if (!this.proven) {
      transmit(this, entry)
      this.#keepWatch(entry)
      return
    }
    this.attentive = entry.connection.owed > 0
    if (this.attentive) return
    this.promote()
    void this.pool.retire(entry)
    this.schedule()
  }

  /** Starts validating what was silent for long: leading reads go out and prove it; where there are none, a PING. */
  #doubtIfSilent(entry: Entry): boolean {
    const { host, events } = this.surroundings
    const silentMs = entry.silentMs(host.now())
    if (silentMs <= this.limits.validateAfterMs) return false
    const probe = new Probe(entry, host)
    this.#probe = probe
    this.attentive = true
    const patience = Math.min(3 * this.roundTripMs, this.limits.validateTimeoutMs)
    probe.wait(Math.max(SHORTEST_DOUBT_MS, patience), () => this.schedule())
    const reads = this.survivors.length > 0 ? 0 : leadingReads(this)
    if (reads > 0) transmit(this, entry, reads)
    else if (entry.connection.owed === 0) void ping(entry.connection).then(() => this.schedule())
    if (events.wanted("thaw")) events.emit("thaw", { id: entry.id, silentMs })
    return true
  }

  /** Ends the doubt if a byte came: the connection lives, and a replacement is not needed. */
  #settleDoubt(): void {
    const probe = this.#probe
    if (!probe?.answered) return
    this.measured(probe.startedAt)
    this.#dropProbe()
    this.pause.cancel()
    this.dismiss()
  }

  #dropProbe(): void {
    this.#probe?.end()
    this.#probe = undefined
  }

  #keepDoubting(probe: Probe): void {
    this.attentive = true
    if (!probe.overdue) return
    if (!this.proven) {
      if (!this.successor) this.open()
      return
    }
    const elapsedMs = this.surroundings.host.now() - probe.startedAt
    const leftMs = this.limits.validateTimeoutMs - elapsedMs
    if (leftMs > 0 && probe.holdsWrites(this.mayReplay)) {
      probe.wait(Math.min(leftMs, this.limits.validateTimeoutMs), () => this.schedule())
      return
    }
    this.#dropProbe()
    this.promote()
    const reason = new ConnectionError(`silent for ${elapsedMs} ms while a new connection answered`)
    this.pool.evict(probe.entry, reason)
    this.lostInFlight = false
    this.schedule()
  }

  suspect(): void {
    const { current } = this
    if (current && !this.ended) this.#keepWatch(current)
  }

  /** Notices that a connection which owes replies has fallen silent, before all who wait are past their deadlines. */
  #keepWatch(entry: Entry): void {
    if (this.#watch?.entry === entry) return
    this.#endWatch()
    const { validateAfterMs, validateTimeoutMs } = this.limits
    const halfMs = Math.min(LONGEST_MS, Math.max(validateAfterMs, validateTimeoutMs) / 2)
    const watch = new Probe(entry, this.surroundings.host)
    let looks = 0
    const look = (): void => {
      looks += 1
      const isSilent = entry.connection.owed > 0 && !watch.answered
      if (isSilent && (looks < 2 || this.#onSilence(entry) === "watch on")) {
        watch.wait(halfMs, look)
        return
      }
      this.#endWatch()
      if (entry.connection.owed > 0 && !isSilent) this.#keepWatch(entry)
    }
    this.#watch = watch
    watch.wait(halfMs, look)
  }

  #endWatch(): void {
    this.#watch?.end()
    this.#watch = undefined
  }

  /** What only reads may be asked elsewhere meanwhile; a write has until its deadline to be answered. */
  #onSilence(entry: Entry): "watch on" | "done" {
    if (this.current !== entry || this.#probe || this.ended) return "done"
    this.onSilence()
    const probe = new Probe(entry, this.surroundings.host)
    // What falls silent on a second connection is slow, not lost: asked again and again it would never end.
    if (probe.holdsWrites((one) => one.attempts === 0 && this.mayReplay(one))) return "watch on"
    this.#probe = probe
    probe.overdue = true
    this.schedule()
    return "done"
  }

  protected failed(error: Error): void {
    if (this.ended) return
    const { current, failures } = this
    if (current && !this.#probe) {
      current.postponeReplacement(this.surroundings.host.now())
      return
    }
    this.prune()
    if (!current && isHopeless(error)) {
      this.failQueue(error)
      return
    }
    if (this.isAwaited) this.pause.begin("connect", { attempt: failures }, this)
  }

  protected gone(): void {
    if (this.ended) return
    const busy = this.lostInFlight && !this.#probe
    this.lostInFlight = false
    this.#dropProbe()
    const tries = Math.max(mostAttempts(this.survivors), this.unanswered)
    if (busy || tries > 1) this.pause.begin("commands", { attempt: tries }, this)
    else this.schedule()
  }

  takeIdle(): readonly Entry[] {
    if (this.isAwaited) return []
    this.#dropProbe()
    return this.takeAll()
  }

  /** A connection that owes replies has fallen silent. */
  protected onSilence(): void {}

  /**
   * Puts survivors back in front once everything in flight has settled: only then is it known whether a later write
   * was acknowledged, behind which a refused command must not be sent. False while the lane has to wait.
   */
  #restoreSurvivors(): boolean {
    if (this.survivors.length === 0 && !this.misplaced) return true
    const { current } = this
    if (current && current.connection.owed > 0) {
      this.attentive = true
      this.#doubtIfSilent(current)
      return false
    }
    failOvertaken(this.survivors, this.acknowledged)
    const { survivors } = this
    this.restore()
    this.queue = this.place(this.queue)
    if (survivors.some(({ setback }) => setback && needsNewConnection(setback))) this.abandon()
    if (!survivors.some(mustWait)) return true
    this.pause.begin("commands", { attempt: mostAttempts(survivors) }, this)
    return false
  }
}
