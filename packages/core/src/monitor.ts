import { specOf } from "./commands/table.ts"
import { ArgumentError, TimeoutError, UnsupportedCommandError } from "./errors.ts"
import type { How } from "./how.ts"
import { PARTS, type Parts } from "./issue-all.ts"
import { PooledClient } from "./pooled-client.ts"
import type { Redis } from "./redis.ts"
import type { Connection, Request } from "./transport.ts"

/** MONITOR under way, on a connection of its own. */
export interface Monitoring {
  /** Resolves when it has ended: closed, or its connection lost. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/**
 * Tells `listener` every command that the server runs, a line each as MONITOR writes it, once the promise has
 * resolved. The connection counts as a lease.
 *
 * @throws UnsupportedCommandError where the transport can't carry it, and on a cluster.
 */
export async function monitor(redis: Redis, listener: (line: Uint8Array) => void): Promise<Monitoring> {
  const { client, how } = (redis as { readonly [PARTS]?: Parts } | null)?.[PARTS] ?? {}
  if (!(client instanceof PooledClient)) throw new ArgumentError("monitor takes a client of createRedis")
  if (typeof listener !== "function") throw new ArgumentError("monitor: the listener is not a function")
  if (client.cluster) throw unsupported("a cluster has no MONITOR of all nodes: connect to one")
  const lane = await client.lease(how, undefined, "a command's")
  const { connection } = lane.entry
  lane.note(specOf("monitor"))
  const ended = new Promise<void>((resolve) => connection.onClose(() => resolve()))
  try {
    if (connection.onPush === undefined) throw unsupported("this transport can't carry MONITOR")
    connection.onPush(([line]) => {
      if (line instanceof Uint8Array) listener(line)
    })
    await confirmed(client, connection, how)
  } catch (error) {
    await client.giveBack(lane)
    throw error
  }
  return { ended, close: () => client.giveBack(lane) }
}

/** Sends it; the server confirms it within the limits of any command. */
async function confirmed({ settings }: PooledClient, connection: Connection, how?: How): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const { signal, timeoutMs = settings.commandTimeoutMs } = how ?? {}
  const abort = (): void => reject(signal?.reason)
  const late = new TimeoutError(`no reply to MONITOR in ${timeoutMs} ms`, {
    fate: "unknown",
    waitedMs: timeoutMs,
  })
  const timer = settings.host.after(timeoutMs, () => reject(late))
  signal?.addEventListener("abort", abort)
  if (signal?.aborted) abort()
  else connection.send([order(resolve, reject)])
  try {
    await promise
  } finally {
    timer.cancel()
    signal?.removeEventListener("abort", abort)
  }
}

function order(done: () => void, failed: (error: Error) => void): Request {
  return {
    args: ["MONITOR"],
    decode: "bytes",
    resolve: done,
    reject: failed,
    lose: (_fate, cause) => failed(cause),
  }
}

function unsupported(message: string): UnsupportedCommandError {
  return new UnsupportedCommandError(message, { fate: "unsent" })
}
