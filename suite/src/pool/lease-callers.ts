import { AcquireTimeoutError, type Lease, type Redis, WarmpoolError } from "@warmpool/core"
import type { Lag } from "./lag.ts"

/** What a caller may be late beside what the process lost, ms. */
const GRACE_MS = 50

const ABORTED = "the caller left"

/** What callers do with a lease before they give it back; whatever fails fails for them alone. */
const USES: readonly ((lease: Lease) => unknown)[] = [
  (lease) => lease.ping(),
  (lease) => lease.incr("n"),
  (lease) => Promise.all([lease.set("k", "v"), lease.get("k")]),
  (lease) => lease.blpop("never", 0.001),
  () => new Promise((resolve) => setImmediate(resolve)),
  async (lease) => {
    await lease.watch("k")
    if (Math.random() < 0.5) await lease.multi().incr("n").exec()
  },
  // Not clean: a state of its own, and replies still owed.
  (lease) => (Math.random() < 0.2 ? lease.select(1) : lease.ping()),
  (lease) => {
    if (Math.random() < 0.2) lease.incr("n").catch(() => undefined)
  },
]

/** Callers that take leases and give them back until so many were taken, and what they were told. */
export class LeaseCallers {
  taken = 0
  refused = 0
  aborted = 0
  lost = 0
  readonly complaints: string[] = []
  readonly #redis: Redis
  readonly #limits: { readonly leases: number; readonly acquireTimeoutMs: number; readonly lag: Lag }
  readonly #held = new Set<number>()

  constructor(redis: Redis, limits: { leases: number; acquireTimeoutMs: number; lag: Lag }) {
    this.#redis = redis
    this.#limits = limits
  }

  /** Whether there is more to do. */
  get goOn(): boolean {
    return this.taken < this.#limits.leases && this.complaints.length === 0
  }

  /** Runs one caller, to the end or to the first complaint. */
  async run(): Promise<void> {
    while (this.goOn) {
      const lease = await this.#take()
      if (lease) await this.#useAndReturn(lease)
    }
  }

  async #take(): Promise<Lease | undefined> {
    const { lag, acquireTimeoutMs } = this.#limits
    const startedAt = performance.now()
    const lostBefore = lag.lostMs
    try {
      return await this.#ask()
    } catch (error) {
      this.#note(error)
      return undefined
    } finally {
      const tookMs = performance.now() - startedAt - (lag.lostMs - lostBefore)
      if (tookMs > acquireTimeoutMs + GRACE_MS) this.complaints.push(`answered after ${tookMs} ms`)
    }
  }

  /** One in twenty leaves before it is served. */
  #ask(): Promise<Lease> {
    if (Math.random() > 0.05) return this.#redis.acquire()
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error(ABORTED)), Math.random() * 20)
    return this.#redis.with({ signal: abort.signal }).acquire()
  }

  #note(error: unknown): void {
    if (error instanceof AcquireTimeoutError && error.fate === "unsent") this.refused += 1
    else if (error instanceof Error && error.message === ABORTED) this.aborted += 1
    else this.complaints.push(`refused with ${String(error)}`)
  }

  async #useAndReturn(lease: Lease): Promise<void> {
    const { id } = lease.connection
    this.taken += 1
    if (this.#held.has(id)) this.complaints.push("one connection was leased to two callers")
    this.#held.add(id)
    const use = USES[Math.floor(Math.random() * USES.length)]
    try {
      await use?.(lease)
    } catch (error) {
      this.lost += 1
      const told = error instanceof WarmpoolError && error.fate !== undefined
      if (!told && String(error) !== `Error: ${ABORTED}`) this.complaints.push(`failed with ${String(error)}`)
    }
    // Whoever comes next may be given it before `release` has resolved.
    this.#held.delete(id)
    await lease.release()
  }
}
