import { Redis } from "ioredis"
import type { DemoEnv } from "./env.ts"

export default {
  async fetch(_request: Request, env: DemoEnv & { readonly REDIS_URL: string }): Promise<Response> {
    const redis = new Redis(env.REDIS_URL)
    try {
      return Response.json({ visits: await redis.incr(env.KEY) })
    } finally {
      await redis.quit()
    }
  },
}
