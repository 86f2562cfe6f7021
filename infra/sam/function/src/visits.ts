import type { Redis } from "@warmpool/lambda"

/** What both handlers do, whatever kind of cache they do it in. */
export const countVisits = (redis: Redis) => async () => ({ visits: await redis.incr("visits") })
