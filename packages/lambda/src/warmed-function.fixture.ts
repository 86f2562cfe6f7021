// A function on the local Lambda that the warmer keeps warm, or fails to.
import { createRedis, withRedis } from "./index.ts"

declare const awslambda: { streamifyResponse<T>(handler: T): T }

/** So patient that a machine that has much to do opens no connection beside one that is slow. */
const commandTimeoutMs = Number(process.env["COMMAND_TIMEOUT_MS"])
const patient = { validateAfterMs: 60_000, connectTimeoutMs: 10_000, commandTimeoutMs }

const redis = createRedis({ ...patient, closeOnShutdown: false })

const visits = async () => ({ visits: await redis.incr("visits"), pid: process.pid })

export const handler = withRedis(redis, visits)

export const streaming = awslambda.streamifyResponse(
  withRedis(redis, async (_event: unknown, stream: NodeJS.WritableStream) => {
    stream.end(JSON.stringify(await visits()))
  }),
)

const other = createRedis({ ...patient, closeOnShutdown: false, prewarm: false })

export const twice = withRedis(other, withRedis(redis, visits))

export const unwrapped = visits

export const throwing = async () => {
  throw new RangeError("planted")
}
