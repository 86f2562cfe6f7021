import { ask, within } from "./ask.ts"
import type { Client } from "./client.ts"
import type { Entry } from "./entry.ts"
import { ArgumentError, ConnectionError } from "./errors.ts"
import { MADE } from "./issue-all.ts"
import { PooledClient } from "./pooled-client.ts"
import type { PortableRedis } from "./redis.ts"

/** Which connections are to be closed; `"leased"` leaves the shared one. */
export type Which = "all" | "leased"

/** What could not be closed. */
export interface Left {
  /** Open, or being opened: somebody holds them, waits for a reply, or has just come. */
  readonly connections: number
  /** Whether any command has not settled yet. */
  readonly pending: boolean
}

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
  return closeUnused(client, which)
}

async function closeUnused(client: PooledClient, which: Which): Promise<Left> {
  const shared = which === "all" ? (client.main.takeIdle?.() ?? []) : []
  await Promise.all([...client.leases.takeIdle(), ...shared].map((entry) => part(client, entry)))
  const kept = which === "all" ? 0 : client.stats().shared
  return { connections: client.pool.size - kept, pending: client.isPending }
}

/** Closes a connection that nobody waits for, and resolves when the server has let go of it. */
async function part({ pool, limits, settings }: PooledClient, entry: Entry): Promise<void> {
  if (entry.state === "closed") return
  // What is no socket has no end of the server's to wait for.
  if (!settings.transport.traits.persistent) return pool.retire(entry)
  entry.state = "draining"
  // The end of our own socket says nothing of the server's: asked to, it closes first.
  void ask(entry.connection, "QUIT", "any reply")
  const closed = new Promise<boolean>((resolve) => entry.connection.onClose(() => resolve(true)))
  const gone = within(settings.host, limits.validateTimeoutMs, closed)
  pool.parting.add(gone)
  if (!(await gone)) entry.connection.destroy(new ConnectionError("did not close in time"))
  pool.parting.delete(gone)
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
