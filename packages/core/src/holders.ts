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

/** Who holds a lease since when, and where it was acquired. */
interface Holder {
  readonly lane: LeaseLane
  readonly since: number
  readonly scope: Scope | undefined
  /** Undefined if there is nothing to report. */
  readonly stack: string | undefined
  reported: boolean
}

/** The leases in use: reports those held too long, and takes back those whose invocation has ended. */
export class Holders {
  readonly #surroundings: Surroundings
  readonly #leases: Leases
  readonly #limits: Limits
  readonly #holders = new Map<LeaseLane, Holder>()
  #onEmpty: (() => void) | undefined
  readonly #scopes = new WeakSet<Scope>()
  readonly #ended = new WeakSet<Scope>()

  constructor(surroundings: Surroundings, leases: Leases, limits: Limits) {
    this.#surroundings = surroundings
    this.#leases = leases
    this.#limits = limits
  }

  async acquire(scope: Scope | undefined, wait: Wait, whose: Whose): Promise<LeaseLane> {
    const { host, events } = this.#surroundings
    const since = host.now()
    const stack = whose === "the caller's" ? this.#stackHere() : undefined
    this.#reportLeaks(since)
    if (scope) this.#takeBackAtEndOf(scope)
    const entry = await this.#leases.acquire(wait)
    const lane = new LeaseLane(this.#surroundings, entry)
    const heldSince = host.now()
    const holder = { lane, since: heldSince, scope, stack, reported: false }
    this.#holders.set(lane, holder)
    if (events.wanted("lease")) events.emit("lease", { id: entry.id, waitedMs: heldSince - since })
    if (scope && this.#ended.has(scope)) this.#takeBack(holder)
    return lane
  }

  /** Takes a lease back; its connection is leased again if it is clean, else evicted. Never rejects. */
  async release(lane: LeaseLane, reason: Error = releasedError()): Promise<void> {
    const holder = this.#holders.get(lane)
    if (holder === undefined) return
    this.#holders.delete(lane)
    if (this.#holders.size === 0) this.#onEmpty?.()
    if (this.#heldMs(holder) > this.#limits.leakWarnAfterMs) this.#report(holder)
    lane.end(reason)
    if (await lane.isClean(this.#limits.validateTimeoutMs)) this.#leases.release(lane.entry)
    else this.#leases.evict(lane.entry, "a lease came back with replies owed or a state of its own")
  }

  /** Resolves when no lease is held any more, or after `timeoutMs`. */
  empty(timeoutMs: number): Promise<void> {
    if (this.#holders.size === 0) return Promise.resolve()
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
    await Promise.all([...this.#holders.keys()].map((lane) => this.release(lane, reason)))
  }

  /** A stack is not free: none is made for nobody. */
  #stackHere(): string {
    if (!this.#surroundings.events.wanted("leak")) return NOT_KNOWN
    return new Error("acquired here").stack ?? NOT_KNOWN
  }

  #takeBackAtEndOf(scope: Scope): void {
    if (scope.onEnd === undefined || this.#scopes.has(scope)) return
    this.#scopes.add(scope)
    scope.onEnd(() => {
      this.#ended.add(scope)
      for (const holder of [...this.#holders.values()]) if (holder.scope === scope) this.#takeBack(holder)
    })
  }

  #takeBack(holder: Holder): void {
    this.#report(holder)
    void this.release(holder.lane)
  }

  #reportLeaks(now: number): void {
    for (const holder of this.#holders.values()) {
      if (now - holder.since > this.#limits.leakWarnAfterMs) this.#report(holder)
    }
  }

  #report(holder: Holder): void {
    const { events } = this.#surroundings
    const { stack } = holder
    if (stack === undefined || holder.reported || !events.wanted("leak")) return
    holder.reported = true
    events.emit("leak", { id: holder.lane.entry.id, heldMs: this.#heldMs(holder), stack })
  }

  #heldMs(holder: Holder): number {
    return this.#surroundings.host.now() - holder.since
  }
}
