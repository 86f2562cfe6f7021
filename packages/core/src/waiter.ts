import type { Entry } from "./entry.ts"
import type { Host } from "./host.ts"

/** How long a caller waits for a lease. */
export interface Wait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Of a cluster: finds the node that the lease is to lead to, asked again whenever it matters. */
  readonly place: (() => Promise<() => string | undefined>) | undefined
}

/** A caller waiting for a lease. */
export interface Waiter {
  readonly since: number
  readonly promise: Promise<Entry>
  /** Finds the node wanted; missing until it is known how. */
  node: (() => string | undefined) | undefined
  /** Whether the wait is over, however it ended. */
  settled: boolean
  resolve(entry: Entry): void
  reject(reason: unknown): void
}

/** Puts a caller into the line, until it is served or gives up; `expire` is called when the wait was too long. */
export function queueUp(
  line: Waiter[],
  { timeoutMs, signal, place }: Wait,
  { host, expire }: { readonly host: Host; expire(waiter: Waiter): void },
): Waiter {
  const { promise, resolve, reject } = Promise.withResolvers<Entry>()
  const settle = (): void => {
    waiter.settled = true
    timer.cancel()
    signal?.removeEventListener("abort", onAbort)
    remove(line, waiter)
  }
  const waiter: Waiter = {
    since: host.now(),
    promise,
    node: place ? undefined : () => undefined,
    settled: false,
    resolve(entry) {
      settle()
      resolve(entry)
    },
    reject(reason) {
      settle()
      reject(reason)
    },
  }
  const onAbort = (): void => waiter.reject(signal?.reason)
  const timer = host.after(timeoutMs, () => expire(waiter))
  signal?.addEventListener("abort", onAbort)
  line.push(waiter)
  return waiter
}

/** Takes the first of its kind out of a list; false if there is none. */
export function remove<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item)
  if (index >= 0) list.splice(index, 1)
  return index >= 0
}
