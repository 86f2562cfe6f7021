import { createRedis, type RedisOptions } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket"
import type { BenchClient } from "./bench-client.ts"

/** The whole client, with its deadlines and retries. */
export async function openWarmpool(
  url: string,
  options: Omit<RedisOptions, "transport">,
): Promise<BenchClient> {
  const redis = createRedis({ ...options, transport: socketTransport({ url }) })
  await redis.prewarm()
  return {
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    incr: (key) => redis.incr(key),
    hgetall: (key) => redis.hgetall(key),
    getAll: (keys) => {
      const pipeline = redis.pipeline()
      for (const key of keys) pipeline.get(key)
      return pipeline.exec()
    },
    close: () => redis.close(),
  }
}
