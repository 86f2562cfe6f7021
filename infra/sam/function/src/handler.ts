import { createRedis, withRedis } from "@warmpool/lambda"
import { socketTransport } from "@warmpool/socket"
import { readCredentials } from "./credentials.ts"
import { countVisits } from "./visits.ts"

// The secret is read anew for each connection, so that it may be rotated.
const redis = createRedis({
  transport: socketTransport({ url: process.env["REDIS_URL"], credentials: readCredentials }),
  max: Number(process.env["POOL_MAX"] ?? 5),
})

export const handler = withRedis(redis, countVisits(redis))
