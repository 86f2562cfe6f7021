import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { LambdaCallback } from "./callback-handler.ts"
import { contextOf } from "./context.fixture.ts"
import { createRedis, type Redis, withRedis } from "./index.ts"

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

type Done = LambdaCallback<unknown>

function run(handler: (event: unknown, context: object, callback: Done) => unknown): Promise<unknown> {
  return withRedis(redis, handler)({}, contextOf(3_000))
}

describe("a callback handler", () => {
  it("answers with what it hands to its callback", async () => {
    expect(
      await run((_event, _context, callback) => {
        redis.incr("calls").then((count) => callback(null, count), callback)
      }),
    ).toBe(1)
    expect(await run((_event, _context, callback) => callback())).toBeUndefined()
  })

  it.each([new TypeError("mine"), "just words", ""])(
    "fails with the very error it hands over: %j",
    async (error) => {
      await expect(run((_event, _context, callback) => callback(error))).rejects.toBe(error)
    },
  )

  it("fails with the very error that it throws", async () => {
    const error = new RangeError("mine")
    const throws = run((_event, _context, _callback) => {
      throw error
    })

    await expect(throws).rejects.toBe(error)
  })

  it("may give a promise: whichever comes first counts, as on Lambda", async () => {
    const promise = await run(async (_event, _context, _callback) => "promise")
    const nothing = await run(async (_event, _context, _callback) => {})
    const callback = await run((_event, _context, callback) => {
      callback(null, "callback")
      return Promise.resolve("promise")
    })
    const failed = run((_event, _context, _callback) => Promise.reject(new Error("mine")))

    expect([promise, nothing, callback]).toEqual(["promise", undefined, "callback"])
    await expect(failed).rejects.toThrow("mine")
  })

  it("is answered once its commands have settled, awaited or not", async () => {
    let settled = false
    await run((_event, _context, callback) => {
      void redis.incr("late").then(() => {
        settled = true
      })
      callback(null, "early")
    })

    expect(settled).toBe(true)
  })

  it("is no callback handler to the runtime, which would refuse it", () => {
    expect(withRedis(redis, (_event, _context, callback: Done) => callback()).length).toBeLessThan(3)
  })

  it("runs without context in a test of its own", async () => {
    const handler = withRedis(redis, (_event, _context, callback: Done) => callback(null, "fine"))
    const call = handler as (event?: object, context?: object) => Promise<unknown>

    expect([await call(), await call({}, {})]).toEqual(["fine", "fine"])
  })
})
