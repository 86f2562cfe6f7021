import { PassThrough, Readable, type Writable } from "node:stream"
import { text } from "node:stream/consumers"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { createRedis, type Redis, withRedis } from "./index.ts"

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming")
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark")

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = createRedis({ url: server.url })
})

afterAll(async () => {
  await redis.close()
  await server.close()
})

/** What `awslambda.streamifyResponse` does to a handler. */
function streamify<T extends object>(handler: T): T {
  return Object.assign(handler, { [STREAMING]: "response", [HIGH_WATER_MARK]: 64 })
}

describe("a streaming handler", () => {
  it("writes its response itself, whichever wrapper is the outer one", async () => {
    const handler = async (
      event: string,
      stream: Writable,
      context: { getRemainingTimeInMillis(): number },
    ) => {
      stream.write(await redis.echo(event))
      stream.end(` with ${context.getRemainingTimeInMillis() > 0 ? "time" : "no time"} left`)
    }
    const inner = new PassThrough()
    const outer = new PassThrough()

    await withRedis(redis, streamify(handler.bind(undefined)))("inside", inner, contextOf(3_000))
    await streamify(withRedis(redis, handler))("outside", outer, contextOf(3_000))

    expect([await text(inner), await text(outer)]).toEqual([
      "inside with time left",
      "outside with time left",
    ])
  })

  it("stays one to the runtime, with its high-water mark", () => {
    const wrapped = withRedis(
      redis,
      streamify(async (_event: unknown, stream: Writable) => stream.end()),
    )

    const plain = withRedis(redis, async () => 1)

    expect([Reflect.get(wrapped, STREAMING), Reflect.get(wrapped, HIGH_WATER_MARK)]).toEqual(["response", 64])
    expect(Reflect.has(plain, STREAMING)).toBe(false)
  })

  it("has its commands settled, and fails with its own error", async () => {
    let settled = false
    const error = new RangeError("mine")
    const handler = withRedis(redis, async (_event: unknown, stream: Writable) => {
      stream.write("so far")
      void redis.ping().then(() => {
        settled = true
      })
      throw error
    })

    await expect(handler({}, new PassThrough(), contextOf(3_000))).rejects.toBe(error)
    expect(settled).toBe(true)
  })

  it("ends with its body, which may be piped and read from Redis after it has returned", async () => {
    await server.command("RPUSH", "lines", "one ", "two ", "three")
    const stream = new PassThrough()
    let last = false
    async function* lines() {
      for (let index = 0; index < 3; index += 1) yield await redis.lindex("lines", index)
      last = true
    }
    const handler = withRedis(redis, async (_event: unknown, stream: Writable) => {
      Readable.from(lines()).pipe(stream)
    })

    const body = text(stream)
    await handler({}, stream, contextOf(3_000))

    expect(last).toBe(true)
    expect(await body).toBe("one two three")
  })

  it("ends when its reader goes away", async () => {
    const stream = new PassThrough()
    const handler = withRedis(redis, async (_event: unknown, stream: Writable) => {
      stream.write("never read")
      setImmediate(() => stream.destroy())
    })

    expect(await handler({}, stream, contextOf(3_000))).toBeUndefined()
  })
})
