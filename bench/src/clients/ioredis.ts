import { once } from "node:events"
import { Redis } from "ioredis"
import type { BenchClient } from "./bench-client.ts"

export async function openIoredis(
  url: string,
  options: { readonly enableAutoPipelining?: boolean },
): Promise<BenchClient> {
  const redis = new Redis(url, options)
  // Without a listener it prints; what a loss costs is measured by its commands.
  redis.on("error", () => undefined)
  await once(redis, "ready")
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
    close: async () => redis.disconnect(),
  }
}
