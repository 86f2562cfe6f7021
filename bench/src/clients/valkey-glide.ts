import { Batch, GlideClient } from "@valkey/valkey-glide"
import type { BenchClient } from "./bench-client.ts"

export async function openGlide(url: string): Promise<BenchClient> {
  const { hostname: host, port } = new URL(url)
  const redis = await GlideClient.createClient({
    addresses: [{ host, port: Number(port) }],
    requestTimeout: 60_000,
    // Its default refuses more than 1,000 at once.
    inflightRequestsLimit: 1_000_000,
  })
  return {
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    incr: (key) => redis.incr(key),
    hgetall: (key) => redis.hgetall(key),
    getAll: (keys) => {
      const pipeline = new Batch(false)
      for (const key of keys) pipeline.get(key)
      return redis.exec(pipeline, true)
    },
    close: async () => redis.close(),
  }
}
