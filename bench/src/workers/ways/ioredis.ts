import { Redis } from "ioredis"
import { type BenchEnv, work } from "./work.ts"

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const redis = new Redis(env.REDIS_URL)
    try {
      return await work(request, env, redis)
    } finally {
      await redis.quit()
    }
  },
}
