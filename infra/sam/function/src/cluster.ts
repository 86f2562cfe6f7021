import { createRedis, withRedis } from "@warmpool/lambda/cluster"
import { readCredentials } from "./credentials.ts"
import { countVisits } from "./visits.ts"

// The server is the one at REDIS_URL.
const redis = createRedis({
  ...(await readCredentials()),
  max: Number(process.env["POOL_MAX"] ?? 5),
})

export const handler = withRedis(redis, countVisits(redis))
