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
  return new RedisClient(new PooledClient(readSettings(options)))
}
