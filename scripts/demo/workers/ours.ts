import { type RedisEnv, withRedis } from "@warmpool/cloudflare"
import type { DemoEnv } from "./env.ts"

export default withRedis<RedisEnv & DemoEnv>({
  // biome-ignore lint/complexity/useMaxParams: Cloudflare gives three, and the client comes after them.
  async fetch(_request, { KEY }, _ctx, redis) {
    return Response.json({ visits: await redis.incr(KEY) })
  },
})
