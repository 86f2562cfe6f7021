import { ConfigError } from "./errors.ts"
import { type RedisOptions, readSettings } from "./options.ts"
import { PooledClient } from "./pooled-client.ts"
import type { Redis } from "./redis.ts"
import { RedisClient } from "./redis-client.ts"

/**
 * Makes a client. Nothing is opened before the first command.
 *
 * @throws ConfigError naming an option that is wrong, and the nearest right one.
 */
export function createRedis(options: RedisOptions): Redis {
  const client = new PooledClient(readSettings(options))
  return new RedisClient(() => client)
}

/**
 * Makes a client whose options are asked for when it is first used: where the server is may not be known before.
 *
 * @throws ConfigError unless `options` is a function.
 * @param options - What it throws, and a ConfigError, is thrown by that use; a command rejects with it.
 */
export function lazyRedis(options: () => RedisOptions): Redis {
  if (typeof options !== "function")
    throw new ConfigError("lazyRedis takes a function that gives the options")
  return new RedisClient(() => new PooledClient(readSettings(options())))
}
