import { ping, within } from "./ask.ts"
import { backoffMs } from "./backoff.ts"
import type { Entry } from "./entry.ts"
import { AcquireTimeoutError, ConfigError, ConnectionError, PoolClosedError } from "./errors.ts"
import type { Timer } from "./host.ts"
import type { Surroundings } from "./lane.ts"
import type { Limits } from "./limits.ts"
import type { Pool } from "./pool.ts"
import { isHopeless, unsentError } from "./retry.ts"
import { type Wait, Waiter } from "./waiter.ts"

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
  #obstacle: unknown
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
    if (this.#ended) return Promise.reject(new PoolClosedError(this.#ended.message, { fate: "unsent" }))
    const refusal = this.#refusal()
    if (refusal) return Promise.reject(refusal)
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason)
    const waiter = new Waiter(this.#surroundings.host, wait, {
      expire: (late) => void this.#expire(late),
      settled: (over) => this.#remove(over),
    })
    if (this.#waiters.length === 0) this.#endPause()
    this.#waiters.push(waiter)
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
    if (entry.state === "closed") {
      this.#forget(entry)
      return
    }
    entry.onGone = () => this.#forget(entry)
    entry.onWritable = undefined
    entry.state = "idle"
    entry.idleSince = this.#surroundings.host.now()
    this.#idle.push(entry)
    this.#sweep()
    this.#serve()
  }

  /** Drops a connection that can't be leased again. */
  evict(entry: Entry, reason: string): void {
    entry.onGone = () => this.#forget(entry)
    if (entry.state === "closed") this.#forget(entry)
    else this.#pool.evict(entry, new ConnectionError(reason))
  }

  /** Closes, in order, a connection that nobody will use again. */
  discard(entry: Entry): void {
    entry.onGone = () => this.#forget(entry)
    if (entry.state === "closed") this.#forget(entry)
    else void this.#pool.retire(entry)
  }

  /** Lets go of those that nobody holds, for others to close; they count until they are gone. */
  readonly takeIdle = (): Entry[] => this.#idle.splice(0)

  /** Refuses all that wait and all that come. */
  end(reason: PoolClosedError): void {
    this.#ended = reason
    this.#endPause()
    for (const waiter of [...this.#waiters])
      waiter.reject(new PoolClosedError(reason.message, { fate: "unsent" }))
  }

  #remove(waiter: Waiter): void {
    const index = this.#waiters.indexOf(waiter)
    if (index >= 0) this.#waiters.splice(index, 1)
  }

  #refusal(): Error | undefined {
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

  #serve(): void {
    if (this.#ended) return
    for (const waiter of this.#idle.length > 0 ? [...this.#waiters] : []) {
      if (waiter.node === undefined) continue
      const node = waiter.node()
      const entry = this.#idle.findLast((idle) => idle.node === node)
      if (entry === undefined) continue
      this.#idle.splice(this.#idle.lastIndexOf(entry), 1)
      this.#remove(waiter)
      void this.#offer(entry, waiter)
    }
    if (!this.#pause) this.#growForWaiters()
  }

  /** Opens a connection for each waiter that none is being opened for, as far as the limit goes. */
  #growForWaiters(): void {
    const coming = [...this.#growing]
    for (const { node: find } of this.#waiters) {
      if (find === undefined) continue
      const node = find()
      const index = coming.indexOf(node)
      if (index >= 0) coming.splice(index, 1)
      else if (this.#held.size + this.#growing.length < this.#limits.max - 1) void this.#grow(node)
      else {
        this.#makeRoom()
        return
      }
    }
  }

  /** Gives up the connection that was idle for longest: it leads to another node than the waiters want. */
  #makeRoom(): void {
    const [oldest] = this.#idle.splice(0, 1)
    if (oldest) this.discard(oldest)
  }

  /** Hands an idle connection over if it still answers; else the waiter is first in line again. */
  async #offer(entry: Entry, waiter: Waiter): Promise<void> {
    entry.state = "leased"
    const { host } = this.#surroundings
    if (host.now() > entry.expiresAt) void this.#pool.retire(entry)
    else if (!(await this.#isUsable(entry))) this.evict(entry, "an idle connection no longer answers")
    if (this.#ended) waiter.reject(new PoolClosedError(this.#ended.message, { fate: "unsent" }))
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

  async #grow(node: string | undefined): Promise<void> {
    this.#growing.push(node)
    try {
      const entry = await this.#pool.open("idle", node)
      this.#growing.splice(this.#growing.indexOf(node), 1)
      this.#held.add(entry)
      this.#failures = 0
      this.#obstacle = undefined
      this.release(entry)
    } catch (error) {
      this.#growing.splice(this.#growing.indexOf(node), 1)
      this.#failed(error)
    }
  }

  /** A connect that can't succeed fails those who wait; any other is tried again while somebody waits. */
  #failed(error: unknown): void {
    this.#obstacle = error
    if (this.#ended || isHopeless(error)) {
      const cause = error instanceof Error ? error : new ConnectionError(String(error))
      for (const waiter of [...this.#waiters]) waiter.reject(unsentError("no lease", cause))
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
    const waitedMs = host.now() - waiter.since
    const message = `no lease in ${waitedMs} ms${this.#shortage()}`
    waiter.reject(new AcquireTimeoutError(message, { cause: this.#obstacle, fate: "unsent", waitedMs }))
  }

  /** Why there is no lease, and what to do about it. */
  #shortage(): string {
    const most = this.#limits.max - 1
    if (this.#held.size >= most)
      return ` (${this.#held.size} of ${most} leased): raise max, or release sooner`
    if (this.#obstacle instanceof Error) return `: ${this.#obstacle.message}`
    return ": no connection opened. Is the address right and reachable from here?"
  }

  /** Closes what was idle for too long. It runs when the pool is used, not on a timer: a frozen process has none. */
  #sweep(): void {
    const now = this.#surroundings.host.now()
    const oldest = this.#idle[0]
    if (oldest === undefined || now - oldest.idleSince <= this.#limits.idleTimeoutMs) return
    this.#idle.shift()
    this.discard(oldest)
    this.#sweep()
  }

  #forget(entry: Entry): void {
    entry.onGone = undefined
    if (!this.#held.delete(entry)) return
    const index = this.#idle.indexOf(entry)
    if (index >= 0) this.#idle.splice(index, 1)
    this.#serve()
  }
}
