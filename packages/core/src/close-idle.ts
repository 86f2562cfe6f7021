import { ArgumentError } from "./errors.ts"
import { PARTS, type Parts } from "./issue-all.ts"
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
  const parts: unknown = Reflect.get(redis, PARTS)
  if (typeof parts !== "object" || parts === null)
    throw new ArgumentError("closeIdle takes a client of createRedis")
  const { client } = parts as Parts
  // Without a pool nothing stays open.
  if (!(client instanceof PooledClient)) return Promise.resolve({ connections: 0, pending: false })
  return client.closeIdle(which)
}
