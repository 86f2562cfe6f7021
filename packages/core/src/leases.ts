import { ping, within } from "./ask.ts"
import { backoffMs } from "./backoff.ts"
import type { Entry } from "./entry.ts"
import { AcquireTimeoutError, ConfigError, ConnectionError, type PoolClosedError } from "./errors.ts"
import type { Timer } from "./host.ts"
import type { Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import type { Pool } from "./pool.ts"
import { isHopeless, unsentError } from "./retry.ts"
import { queueUp, remove, type Wait, type Waiter } from "./waiter.ts"

/** Hands out connections one holder at a time: the one idle for the shortest time, else a new one, else the next released. */
export class Leases {
  readonly #surroundings: Surroundings
  readonly #pool: Pool
  readonly #limits: Limits
  /** Last in, first out: the others grow old and are closed. */
  readonly #idle: Entry[] = []
  readonly #waiters: Waiter[] = []
  /** Leased, idle or being validated. */
  readonly #held = new Set<Entry>()
  /** The nodes to which connections are being opened. */
  readonly #growing: (string | undefined)[] = []
  #failures = 0
  #pause: Timer | undefined
  #obstacle: Error | undefined
  #ended: PoolClosedError | undefined

  constructor(surroundings: Surroundings, pool: Pool, limits: Limits) {
    this.#surroundings = surroundings
    this.#pool = pool
    this.#limits = limits
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /**
   * Leases a connection.
   *
   * @param wait.signal - Abandons the wait; a connect already under way goes on and joins the pool.
   * @throws AcquireTimeoutError if none is free in time; PoolClosedError once draining has begun.
   */
  acquire(wait: Wait): Promise<Entry> {
    const refusal = this.#refusal()
    if (refusal) return Promise.reject(refusal)
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason)
    if (this.#waiters.length === 0) this.#endPause()
    const { host } = this.#surroundings
    const waiter = queueUp(this.#waiters, wait, { host, expire: (late) => void this.#expire(late) })
    wait.place?.().then(
      (node) => {
        waiter.node = node
        this.#serve()
      },
      (error: Error) => waiter.reject(unsentError("no lease", error)),
    )
    this.#serve()
    return waiter.promise
  }

  /** Takes a connection back; a waiter gets it at once. */
  release(entry: Entry): void {
    if (!this.#watch(entry)) return
    entry.onWritable = undefined
    entry.state = "idle"
    entry.idleSince = this.#surroundings.host.now()
    this.#idle.push(entry)
    this.#sweep()
    this.#serve()
    // It costs little to open, and perhaps holds a lease elsewhere that others wait for.
    if (!this.#surroundings.traits.persistent && this.#idle.includes(entry)) this.discard(entry)
  }

  /** Drops a connection that can't be leased again. */
  evict(entry: Entry, reason: string): void {
    if (this.#watch(entry)) this.#pool.evict(entry, new ConnectionError(reason))
  }

  /** Closes, in order, a connection that nobody will use again. */
  discard(entry: Entry): void {
    if (this.#watch(entry)) void this.#pool.retire(entry)
  }

  /** Lets go of those that nobody holds, for others to close; they count until they are gone. */
  readonly takeIdle = (): Entry[] => this.#idle.splice(0)

  /** Refuses all that wait and all that come. */
  end(reason: PoolClosedError): void {
    this.#ended = reason
    this.#endPause()
    this.#failAll(reason)
  }

  #failAll(cause: Error): void {
    for (const waiter of [...this.#waiters]) waiter.reject(unsentError("no lease", cause))
  }

  #refusal(): Error | undefined {
    if (this.#ended) return unsentError("no lease", this.#ended)
    const { max, maxWaiters } = this.#limits
    const free = max - 1 - this.#held.size + this.#idle.length
    if (max === 1) {
      return new ConfigError(
        "max: 1 leaves no connection for a lease or a blocking command: set max to 2 or more",
      )
    }
    if (this.#waiters.length < maxWaiters + free) return undefined
    const message = `${maxWaiters} callers wait for a lease already: raise maxWaiters or max, or release sooner`
    return new AcquireTimeoutError(message, { fate: "unsent", waitedMs: 0 })
  }

  /** Gives each waiter an idle connection, or opens one that nobody before it waits for, as far as the limit goes. */
  #serve(): void {
    if (this.#ended) return
    const coming = [...this.#growing]
    let lacksRoom = false
    for (const waiter of [...this.#waiters]) {
      if (waiter.node === undefined) continue
      const node = waiter.node()
      const entry = this.#idle.findLast((idle) => idle.node === node)
      if (entry) {
        remove(this.#idle, entry)
        remove(this.#waiters, waiter)
        void this.#offer(entry, waiter)
      } else if (!this.#pause && !remove(coming, node)) {
        lacksRoom = this.#held.size + this.#growing.length >= this.#limits.max - 1
        if (!lacksRoom) this.#grow(node)
      }
    }
    // The one idle for longest leads to another node than the waiters want.
    if (lacksRoom && this.#idle[0]) this.discard(this.#idle[0])
  }

  /** Hands an idle connection over if it still answers; else the waiter is first in line again. */
  async #offer(entry: Entry, waiter: Waiter): Promise<void> {
    entry.state = "leased"
    const { host } = this.#surroundings
    if (host.now() > entry.expiresAt) void this.#pool.retire(entry)
    else if (!(await this.#isUsable(entry))) this.evict(entry, "an idle connection no longer answers")
    if (this.#ended) waiter.reject(unsentError("no lease", this.#ended))
    if (entry.state !== "leased") {
      if (!waiter.settled) this.#waiters.unshift(waiter)
      return this.#serve()
    }
    if (waiter.settled) return this.release(entry)
    entry.onGone = undefined
    waiter.resolve(entry)
  }

  async #isUsable(entry: Entry): Promise<boolean> {
    const { host } = this.#surroundings
    if (entry.connection.backlog > 0) return false
    if (entry.silentMs(host.now()) <= this.#limits.validateAfterMs) return true
    return within(host, this.#limits.validateTimeoutMs, ping(entry.connection))
  }

  #grow(node: string | undefined): void {
    this.#growing.push(node)
    this.#pool.open("idle", node).then(
      (entry) => {
        remove(this.#growing, node)
        this.#held.add(entry)
        this.#failures = 0
        this.#obstacle = undefined
        this.release(entry)
      },
      (error: Error) => {
        remove(this.#growing, node)
        this.#failed(error)
      },
    )
  }

  /** A connect that can't succeed fails those who wait; any other is tried again while somebody waits. */
  #failed(error: Error): void {
    this.#obstacle = error
    if (this.#ended || isHopeless(error)) {
      this.#failAll(error)
      return
    }
    this.#failures += 1
    this.#endPause()
    this.#pause = this.#surroundings.host.after(backoffMs(this.#failures), () => {
      this.#pause = undefined
      this.#serve()
    })
  }

  #endPause(): void {
    this.#pause?.cancel()
    this.#pause = undefined
  }

  /** Looks once more after a turn of the loop: a frozen process fires overdue timers first. */
  async #expire(waiter: Waiter): Promise<void> {
    const { host } = this.#surroundings
    await host.turn()
    if (waiter.settled) return
    const waitedMs = host.now() - waiter.since
    const message = `no lease in ${waitedMs} ms${this.#shortage()}`
    waiter.reject(new AcquireTimeoutError(message, { cause: this.#obstacle, fate: "unsent", waitedMs }))
  }

  /** Why there is no lease, and what to do about it. */
  #shortage(): string {
    const most = this.#limits.max - 1
    if (this.#held.size >= most)
      return ` (${this.#held.size} of ${most} leased): raise max, or release sooner`
    if (this.#obstacle) return `: ${this.#obstacle.message}`
    return ": no connection opened. Is the address right and reachable from here?"
  }

  /** Closes what was idle for too long. It runs when the pool is used, not on a timer: a frozen process has none. */
  #sweep(): void {
    const since = this.#surroundings.host.now() - this.#limits.idleTimeoutMs
    for (const entry of this.#idle.filter(({ idleSince }) => idleSince < since)) this.discard(entry)
  }

  /** Sees to it that the end of a connection is noticed; false if it has come already. */
  #watch(entry: Entry): boolean {
    remove(this.#idle, entry)
    entry.onGone = () => this.#forget(entry)
    if (entry.state !== "closed") return true
    this.#forget(entry)
    return false
  }

  #forget(entry: Entry): void {
    entry.onGone = undefined
    if (!this.#held.delete(entry)) return
    remove(this.#idle, entry)
    this.#serve()
  }
}
