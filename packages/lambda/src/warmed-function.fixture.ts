// A function on the local Lambda that the warmer keeps warm, or fails to.
import { createRedis, withRedis } from "./index.ts"

declare const awslambda: { streamifyResponse<T>(handler: T): T }

const redis = createRedis({ validateAfterMs: 50, closeOnShutdown: false })

const visits = async () => ({ visits: await redis.incr("visits"), pid: process.pid })

export const handler = withRedis(redis, visits)

export const streaming = awslambda.streamifyResponse(
  withRedis(redis, async (_event: unknown, stream: NodeJS.WritableStream) => {
    stream.end(JSON.stringify(await visits()))
  }),
)

const other = createRedis({ validateAfterMs: 50, closeOnShutdown: false, prewarm: false })

export const twice = withRedis(other, withRedis(redis, visits))

export const unwrapped = visits

export const throwing = async () => {
  throw new RangeError("planted")
}
