import {
  type CommonOptions,
  type CommonSettings,
  commonOptionSpec,
  LONGEST_MS,
  transportOption,
} from "./common-options.ts"
import { integer, readOptions } from "./config/options.ts"
import { ConfigError } from "./errors.ts"
import type { Limits, PoolOptions } from "./limits.ts"

/** What `createRedis` takes. Every duration is in milliseconds. */
export interface RedisOptions extends CommonOptions, PoolOptions {}

/** Options with their defaults filled in. */
export interface Settings extends CommonSettings, Limits {}

/** The names of the options above, for platforms that pass them on. */
export const redisOptionSpec = {
  ...commonOptionSpec,
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

const transport = transportOption("what socketTransport or ioredisTransport gives", "traits")

/**
 * Checks options and fills in defaults.
 *
 * @throws ConfigError naming an option that is unknown, of a wrong type or out of range, and the nearest right one.
 */
export function readSettings(options: RedisOptions): Settings {
  const where = "createRedis"
  const settings = readOptions(where, { ...redisOptionSpec, transport }, options)
  for (const name of ["now", "after", "tick", "turn"] as const)
    if (typeof settings.host[name] !== "function")
      throw new ConfigError(
        `${where}: the option host lacks ${name}(): leave host out, or spread defaultHost`,
      )
  return settings
}
