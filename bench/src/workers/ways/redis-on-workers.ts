import { createRedis } from "redis-on-workers"
import { type BenchEnv, work } from "./work.ts"

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const redis = createRedis(env.REDIS_URL)
    try {
      return await work(request, env, { get: (key) => redis.send("GET", key) })
    } finally {
      await redis.close()
    }
  },
}
