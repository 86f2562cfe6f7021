import { Readable, type Writable } from "node:stream"
import { createRedis, type LambdaCallback, type LambdaRedisOptions, withRedis } from "@warmpool/lambda"

declare const awslambda: { streamifyResponse<T>(handler: T): T }

const options = JSON.parse(process.env["OPTIONS"] ?? "{}") as LambdaRedisOptions
const redis = createRedis(options)
let invocations = 0

/** What a visit answers: which sandbox it ran in, and what its only command waited for. */
export interface Visit {
  readonly visits: number
  readonly pid: number
  readonly ms: number
}

export const visit = withRedis(redis, async (): Promise<Visit> => {
  const startedAt = performance.now()
  const visits = await redis.incr("visits")
  return { visits, pid: process.pid, ms: performance.now() - startedAt }
})

export const read = withRedis(redis, async () => redis.get("visits"))

/** Awaits nothing, neither what succeeds nor what fails. */
export const forget = withRedis(redis, async () => {
  void redis.incr("visits")
  void redis.call("NOPE", "planted-key", "planted-value")
  void redis.lpush("planted-string", "planted-value")
  void redis.acquire()
  invocations += 1
  return { invocations, pid: process.pid }
})

export const failing = withRedis(redis, async () => {
  void redis.incr("visits")
  throw new RangeError("of the handler's own")
})

export const refused = withRedis(redis, async (event: { command: string[] }) => {
  const [name = "", ...args] = event.command
  return redis.call(name, ...args)
})

export const callback = withRedis(
  redis,
  (event: { error?: string }, _context, callback: LambdaCallback<number>) => {
    if (event.error !== undefined) callback(event.error)
    else redis.incr("visits").then((visits) => callback(null, visits), callback)
  },
)

async function page(_event: unknown, stream: Writable): Promise<void> {
  stream.write(`${await redis.incr("visits")} `)
  stream.end(await redis.get("visits"))
}
export const streamsOutside = awslambda.streamifyResponse(withRedis(redis, page))
export const streamsInside = withRedis(redis, awslambda.streamifyResponse(page.bind(undefined)))

/** Reads from Redis while its body goes out, long after it has returned. */
export const pipes = awslambda.streamifyResponse(
  withRedis(redis, async (_event: unknown, stream: Writable) => {
    async function* counts() {
      for (let index = 0; index < 3; index += 1) yield `${await redis.incr("visits")} `
    }
    Readable.from(counts()).pipe(stream)
  }),
)
