import { createRedis, withRedis } from "@warmpool/vercel"

const redis = createRedis({ keyPrefix: process.env["KEY_PREFIX"] ?? "" })

export const GET = withRedis(redis, async () => Response.json({ visits: await redis.incr("visits") }))
