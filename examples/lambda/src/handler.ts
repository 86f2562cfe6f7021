import { createRedis, withRedis } from "@warmpool/lambda"

const redis = createRedis({ keyPrefix: process.env["KEY_PREFIX"] })

export const handler = withRedis(redis, async () => ({ visits: await redis.incr("visits") }))
