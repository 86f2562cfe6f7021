import type { Entry } from "./entry.ts"
import type { Host, Timer } from "./host.ts"

/** How long a caller waits for a lease. */
export interface Wait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Of a cluster: finds the node that the lease is to lead to, asked again whenever it matters. */
  readonly place?: () => Promise<() => string | undefined>
}

/** What the leases do for those who wait. */
interface Ending {
  /** The wait was too long. */
  expire(waiter: Waiter): void
  /** The wait is over, however it ended. */
  settled(waiter: Waiter): void
}

/** A caller waiting for a lease. It settles once. */
export class Waiter {
  readonly since: number
  readonly promise: Promise<Entry>
  /** Finds the node wanted; missing until it is known how. */
  node: (() => string | undefined) | undefined
  settled = false
  readonly #resolve: (entry: Entry) => void
  readonly #reject: (reason: unknown) => void
  readonly #timer: Timer
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = (): void => this.reject(this.#signal?.reason)
  readonly #ending: Ending

  constructor(host: Host, { timeoutMs, signal, place }: Wait, ending: Ending) {
    const { promise, resolve, reject } = Promise.withResolvers<Entry>()
    this.since = host.now()
    this.promise = promise
    this.node = place ? undefined : () => undefined
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = host.after(timeoutMs, () => ending.expire(this))
    this.#signal = signal
    this.#ending = ending
    signal?.addEventListener("abort", this.#onAbort)
  }

  resolve(entry: Entry): void {
    if (this.#settle()) this.#resolve(entry)
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason)
  }

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    this.#timer.cancel()
    this.#signal?.removeEventListener("abort", this.#onAbort)
    this.#ending.settled(this)
    return true
  }
}
