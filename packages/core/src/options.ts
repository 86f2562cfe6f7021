import { integer, object, oneOf, readOptions, secret } from "./config/index.ts"
import { ConfigError } from "./errors.ts"
import { defaultHost, type Host } from "./host.ts"
import type { Limits, PoolOptions } from "./limits.ts"
import type { RetryWrites } from "./retry.ts"
import type { Transport } from "./transport.ts"

/** What `createRedis` takes. Every duration is in milliseconds. */
export interface RedisOptions extends PoolOptions {
  /** How connections are opened. */
  readonly transport: Transport
  /** What the runtime lends. @defaultValue timers and `setImmediate` of the runtime, no invocations */
  readonly host?: Host | undefined
  /** Longest wait for a reply, connecting and retries included. @defaultValue 1_000 */
  readonly commandTimeoutMs?: number | undefined
  /** Time kept free at the end of an invocation, so that it can still answer. @defaultValue 200 */
  readonly reserveMs?: number | undefined
  /**
   * Which writes may be sent again when no reply came: `"overwrites"` allows plain SET, MSET and HMSET, which undo
   * what another writer wrote in between. @defaultValue "never"
   */
  readonly retryWrites?: RetryWrites | undefined
  /** Put before every key, and taken off nowhere. @defaultValue none */
  readonly keyPrefix?: string | undefined
}

/** Options with their defaults filled in. */
export interface Settings {
  readonly transport: Transport
  readonly host: Host
  readonly commandTimeoutMs: number
  readonly reserveMs: number
  readonly retryWrites: RetryWrites
  readonly keyPrefix: string
  readonly limits: Limits
}

const LONGEST_MS = 2_147_483_647

/** The names of the options above, for platforms that pass them on. */
export const redisOptionSpec = {
  transport: object<Transport>(),
  host: object<Host>(),
  commandTimeoutMs: integer(1, LONGEST_MS, 1_000),
  reserveMs: integer(0, LONGEST_MS, 200),
  retryWrites: oneOf(["never", "overwrites"], "never"),
  // Empty where an environment says nothing; an error never shows a part of a key.
  keyPrefix: secret(),
  max: integer(1, 10_000, 5),
  acquireTimeoutMs: integer(1, LONGEST_MS, 1_000),
  maxWaiters: integer(0, Number.POSITIVE_INFINITY, 1_000),
  maxLifetimeMs: integer(1, Number.POSITIVE_INFINITY, 600_000),
  validateAfterMs: integer(0, Number.POSITIVE_INFINITY, 500),
  validateTimeoutMs: integer(1, LONGEST_MS, 100),
  connectTimeoutMs: integer(1, LONGEST_MS, 1_000),
  idleTimeoutMs: integer(1, Number.POSITIVE_INFINITY, 60_000),
  leakWarnAfterMs: integer(1, Number.POSITIVE_INFINITY, 30_000),
} as const

/**
 * Checks options and fills in defaults.
 *
 * @throws ConfigError naming an option that is unknown, of a wrong type or out of range, and the nearest right one.
 */
export function readSettings(options: RedisOptions): Settings {
  const { transport, host, commandTimeoutMs, reserveMs, retryWrites, keyPrefix, ...limits } = readOptions(
    "createRedis",
    redisOptionSpec,
    options,
  )
  if (typeof transport?.connect !== "function" || typeof transport.traits !== "object") {
    throw new ConfigError(
      "createRedis: the option transport is missing: pass what socketTransport or ioredisTransport gives",
    )
  }
  return {
    transport,
    host: host ?? defaultHost,
    commandTimeoutMs,
    reserveMs,
    retryWrites,
    keyPrefix: keyPrefix ?? "",
    limits,
  }
}
