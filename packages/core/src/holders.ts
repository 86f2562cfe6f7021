import type { Scope } from "./host.ts"
import type { Surroundings } from "./lane.ts"
import { LeaseLane, releasedError } from "./lease-lane.ts"
import type { Leases } from "./leases.ts"
import type { Limits } from "./limits.ts"
import type { Wait } from "./waiter.ts"

/** What a leak says in place of a stack. */
const NOT_KNOWN = "not known: nobody listened to leaks when this lease was acquired"

/** A blocking command holds its lease until the server answers, which is no leak. */
export type Whose = "the caller's" | "a command's"

/** The leases in use: reports those held too long, and takes back those whose invocation has ended. */
export class Holders {
  readonly #surroundings: Surroundings
  readonly #leases: Leases
  readonly #limits: Limits
  readonly #lanes = new Set<LeaseLane>()
  #onEmpty: (() => void) | undefined
  /** Whether an invocation has ended, of those that have asked for a lease. */
  readonly #hasEnded = new WeakMap<Scope, boolean>()

  constructor(surroundings: Surroundings, leases: Leases, limits: Limits) {
    this.#surroundings = surroundings
    this.#leases = leases
    this.#limits = limits
  }

  async acquire(scope: Scope | undefined, wait: Wait, whose: Whose): Promise<LeaseLane> {
    const { host, events } = this.#surroundings
    const askedAt = host.now()
    const stack = whose === "the caller's" ? this.#stackHere() : undefined
    for (const lane of this.#lanes) this.#reportLeak(lane)
    if (scope) this.#takeBackAtEndOf(scope)
    const entry = await this.#leases.acquire(wait)
    const lane = new LeaseLane(this.#surroundings, entry, { scope, stack })
    this.#lanes.add(lane)
    if (events.wanted("lease")) events.emit("lease", { id: entry.id, waitedMs: lane.since - askedAt })
    if (scope && this.#hasEnded.get(scope)) this.#takeBack(lane)
    return lane
  }

  /** Takes a lease back; its connection is leased again if it is clean, else evicted. Never rejects. */
  async release(lane: LeaseLane, reason: Error = releasedError()): Promise<void> {
    if (!this.#lanes.delete(lane)) return
    if (this.#lanes.size === 0) this.#onEmpty?.()
    this.#reportLeak(lane)
    lane.end(reason)
    if (await lane.isClean(this.#limits.validateTimeoutMs)) this.#leases.release(lane.entry)
    else this.#leases.evict(lane.entry, "a lease came back with replies owed or a state of its own")
  }

  /** Resolves when no lease is held any more, or after `timeoutMs`. */
  empty(timeoutMs: number): Promise<void> {
    if (this.#lanes.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#surroundings.host.after(timeoutMs, resolve)
      this.#onEmpty = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /** Takes back every lease there is; what was not sent on them fails with `reason`. */
  async takeBackAll(reason: Error): Promise<void> {
    await Promise.all([...this.#lanes].map((lane) => this.release(lane, reason)))
  }

  /** A stack is not free: none is made for nobody. */
  #stackHere(): string {
    if (!this.#surroundings.events.wanted("leak")) return NOT_KNOWN
    return new Error("acquired here").stack ?? NOT_KNOWN
  }

  #takeBackAtEndOf(scope: Scope): void {
    if (scope.onEnd === undefined || this.#hasEnded.has(scope)) return
    this.#hasEnded.set(scope, false)
    scope.onEnd(() => {
      this.#hasEnded.set(scope, true)
      for (const lane of [...this.#lanes]) if (lane.scope === scope) this.#takeBack(lane)
    })
  }

  #takeBack(lane: LeaseLane): void {
    this.#reportLeak(lane, Number.NEGATIVE_INFINITY)
    void this.release(lane)
  }

  /** Reports a lease held too long, once. */
  #reportLeak(lane: LeaseLane, allowedMs = this.#limits.leakWarnAfterMs): void {
    const { host, events } = this.#surroundings
    const { stack, entry, since } = lane
    const heldMs = host.now() - since
    if (stack === undefined || heldMs <= allowedMs || !events.wanted("leak")) return
    lane.stack = undefined
    events.emit("leak", { id: entry.id, heldMs, stack })
  }
}
