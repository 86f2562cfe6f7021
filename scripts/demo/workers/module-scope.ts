import { Redis } from "ioredis"
import type { DemoEnv } from "./env.ts"

let redis: Redis | undefined

export default {
  async fetch(_request: Request, env: DemoEnv & { readonly REDIS_URL: string }): Promise<Response> {
    redis ??= new Redis(env.REDIS_URL)
    return Response.json({ visits: await redis.incr(env.KEY) })
  },
}
