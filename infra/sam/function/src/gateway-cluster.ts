import { gatewayHandler } from "@warmpool/gateway/lambda"
import { createRedis, withRedis } from "@warmpool/lambda/cluster"
import { readCredentials } from "./credentials.ts"
import { readToken } from "./token.ts"

// The server is the one at REDIS_URL.
const redis = createRedis({
  ...(await readCredentials()),
  max: Number(process.env["POOL_MAX"] ?? 1),
})

export const handler = withRedis(redis, gatewayHandler({ redis, tokens: await readToken() }))
