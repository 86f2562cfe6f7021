import { Redis } from "@upstash/redis/cloudflare"
import { type BenchEnv, work } from "./work.ts"

export default {
  fetch(request: Request, env: BenchEnv): Promise<Response> {
    const redis = new Redis({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN })
    return work(request, env, redis)
  },
}
