import { gatewayHandler, streamingHandler } from "@warmpool/gateway/lambda"
import { createRedis, withRedis } from "@warmpool/lambda"

const redis = createRedis()
const options = { redis, tokens: process.env["TOKENS"] ?? "" }

export const buffered = withRedis(redis, gatewayHandler(options))
export const streaming = withRedis(redis, streamingHandler(options))
