import { createClient } from "redis"
import type { BenchClient } from "./bench-client.ts"

/** @param options - As `createClient` takes them; its types forbid the `timeout: undefined` that its code heeds. */
export async function openNodeRedis(url: string, options: object): Promise<BenchClient> {
  const redis = createClient({ ...options, url })
  // Without a listener a loss ends the process.
  redis.on("error", () => undefined)
  await redis.connect()
  return {
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    incr: (key) => redis.incr(key),
    hgetall: (key) => redis.hGetAll(key),
    getAll: (keys) => {
      const pipeline = redis.multi()
      for (const key of keys) pipeline.get(key)
      return pipeline.execAsPipeline()
    },
    close: async () => redis.destroy(),
  }
}
