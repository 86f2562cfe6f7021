import { Redis } from "@upstash/redis"
import type { BenchClient } from "./bench-client.ts"
import { restAddress } from "./rest-address.ts"

/** As its users have it: auto-pipelining is its default. */
export async function openUpstash(address: string): Promise<BenchClient> {
  const redis = new Redis(restAddress(address))
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
    close: async () => undefined,
  }
}
