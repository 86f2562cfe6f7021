import { gatewayHandler } from "@warmpool/gateway/lambda"
import { createRedis, withRedis } from "@warmpool/lambda"
import { socketTransport } from "@warmpool/socket"
import { readCredentials } from "./credentials.ts"
import { readToken } from "./token.ts"

const redis = createRedis({
  transport: socketTransport({ url: process.env["REDIS_URL"], credentials: readCredentials }),
  max: Number(process.env["POOL_MAX"] ?? 1),
})

export const handler = withRedis(redis, gatewayHandler({ redis, tokens: await readToken() }))
