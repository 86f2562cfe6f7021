import { Redis } from "ioredis"

/** What most Workers begin with: a client per request. Kept to compare with, not to copy; needs `nodejs_compat`. */
export default {
  async fetch(_request: Request, env: { readonly REDIS_URL: string }): Promise<Response> {
    const redis = new Redis(env.REDIS_URL)
    try {
      return Response.json({ visits: await redis.hincrby("visits", "home", 1) })
    } finally {
      await redis.quit()
    }
  },
}
