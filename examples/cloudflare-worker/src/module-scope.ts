import { Redis } from "ioredis"

let redis: Redis | undefined

/**
 * What most Workers try next: one client for all requests. Its socket belongs to the request that opened it: the next
 * fails with "Cannot perform I/O on behalf of a different request", or hangs. Kept to compare with, not to copy.
 */
export default {
  async fetch(_request: Request, env: { readonly REDIS_URL: string }): Promise<Response> {
    redis ??= new Redis(env.REDIS_URL)
    return Response.json({ visits: await redis.hincrby("visits", "home", 1) })
  },
}
