import { ControlledRedis } from "./controlled-redis.ts"
import { openHome } from "./home.ts"
import { startServer } from "./own-redis.ts"
import { type RedisClient, RedisControl } from "./redis-control.ts"
import { checkOptions, placeOf } from "./redis-options.ts"
import type { RedisReply } from "./resp-reply.ts"

/** What `startRedis` takes. */
export interface StartRedisOptions {
  /** Further configuration, as on redis-server's command line: `["--maxclients", "10"]`. */
  readonly args?: readonly string[]
  /** Asked of every client; also part of `url`. */
  readonly password?: string
  /** @defaultValue a free one */
  readonly port?: number
}

/** A server that we can send commands to. */
export interface AttachedRedis extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly port: number
  /**
   * Sends one command over the control connection, which `clients` leaves out.
   *
   * @throws Error with the server's message when the reply is an error.
   */
  command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply>
  /** Everybody connected but control connections. */
  clients(): Promise<readonly RedisClient[]>
  close(): Promise<void>
}

/** A server of our own: nobody else is on it, and it ends when this process ends, however that happens. */
export interface RedisServer extends AttachedRedis {
  /** Of the process now running; a restart changes it. */
  readonly pid: number
  /** Ends the server by SIGKILL if it runs and starts it again, empty, on the same port. */
  restart(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: connections stay, the kernel still accepts and buffers, nobody answers. Resolves when it stands. */
  pause(): Promise<void>
  /** SIGCONT. */
  resume(): void
}

/**
 * Starts a redis-server or valkey-server on a loopback port of its own, in a folder of its own, without
 * persistence; DEBUG is allowed. By itself it does not keep this process alive.
 *
 * @throws RedisOptionError when an option is wrong.
 * @throws RedisStartError when there is none to start, or it did not start.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  checkOptions("startRedis", options, ["args", "password", "port"])
  const home = await openHome()
  try {
    return await startServer(home, { ...options, onClosed: () => home.guard.close() })
  } catch (error) {
    await home.guard.close()
    throw error
  }
}

/**
 * Sends commands to a server that somebody else started; nothing but `command` and `clients`.
 *
 * @throws RedisOptionError when the URL is none of a server; it never shows the URL.
 */
export function attachRedis(url: string): AttachedRedis {
  const { hostname, port } = placeOf("attachRedis", url)
  return new ControlledRedis(url, {
    host: hostname,
    port: Number(port || 6379),
    control: new RedisControl(url),
  })
}
