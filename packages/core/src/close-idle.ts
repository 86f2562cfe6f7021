import type { Client } from "./client.ts"
import { ArgumentError } from "./errors.ts"
import { MADE } from "./issue-all.ts"
import { type Left, PooledClient, type Which } from "./pooled-client.ts"
import type { PortableRedis } from "./redis.ts"

export type { Left, Which }

/**
 * Closes the connections that nobody uses, before a platform suspends the process: idle leases, and with `"all"` the
 * shared connection unless somebody waits for a reply. The client stays usable and opens another when it is next used.
 * Resolves when the server has let go of them; never rejects.
 *
 * @throws ArgumentError for anything that `createRedis` did not make.
 */
export function closeIdle(redis: PortableRedis, which: Which): Promise<Left> {
  const client = clientOf(redis)
  if (which !== "all" && which !== "leased")
    throw new ArgumentError('closeIdle: the second argument is "all" or "leased"')
  // Without a pool nothing stays open.
  if (!(client instanceof PooledClient)) return Promise.resolve({ connections: 0, pending: false })
  return client.closeIdle(which)
}

/**
 * Whether a client accepts new work: `drain` and `close` end that.
 *
 * @throws ArgumentError for anything that `createRedis` did not make.
 */
export function isOpen(redis: PortableRedis): boolean {
  return clientOf(redis)?.closed === undefined
}

/** Undefined for one that was never used. */
function clientOf(redis: PortableRedis): Client | undefined {
  if (typeof redis !== "object" || redis === null || !(MADE in redis))
    throw new ArgumentError("this takes a client of createRedis, not a lease or anything else")
  return redis[MADE] as Client | undefined
}
