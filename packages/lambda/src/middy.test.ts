import middy from "@middy/core"
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { createRedis, type Redis, withRedis as wrapWithRedis } from "./index.ts"
import { withRedis } from "./middy.ts"
import { encodePing, readPong } from "./warmer/ping.ts"

let server: RedisServer
let proxy: FaultProxy
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ target: server })
  redis = createRedis({ url: proxy.url(), commandTimeoutMs: 10_000 })
  await redis.ping()
})
afterAll(async () => {
  await redis.close()
  await proxy.close()
  await server.close()
})

const call = <R>(handler: (event: never, context: never) => R, event: object = {}, leftMs = 3_000): R =>
  handler(event as never, contextOf(leftMs) as never)

/** Makes replies late while `work` runs, so that nothing has settled by chance. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  proxy.delay({ replies: 40 })
  try {
    return await work()
  } finally {
    proxy.delay(0)
  }
}

describe("a middy handler with our middleware", () => {
  it("answers when every command has settled, those of other middlewares too", async () => {
    const counted: string[] = []
    const forget = (name: string) => () => {
      void redis.incr(name).then(() => counted.push(name))
    }
    const handler = middy()
      .use(withRedis(redis))
      .use({ before: forget("before"), after: forget("after") })
      .handler(async () => {
        forget("handler")()
        return "answer"
      })

    expect(await slowly(() => call(handler))).toBe("answer")
    expect(counted).toEqual(["before", "handler", "after"])
  })

  it("fails with the handler's own error, when every command has settled", async () => {
    const counted: string[] = []
    const error = new RangeError("of the handler's own")
    const handler = middy()
      .use(withRedis(redis))
      .use({ onError: () => void redis.incr("onError").then(() => counted.push("onError")) })
      .handler(async () => {
        void redis.incr("failing").then(() => counted.push("handler"))
        throw error
      })

    await slowly(() => expect(call(handler)).rejects.toBe(error))
    expect(counted).toEqual(["handler", "onError"])
  })

  it.each(["before", "after", "onError"] as const)(
    "holds an answer that another gives early from %s until every command has settled",
    async (hook) => {
      let settled = false
      const early = () => {
        void redis.incr("early").then(() => {
          settled = true
        })
        return "early"
      }
      const handler = middy()
        .use(withRedis(redis))
        .use({ [hook]: early })
        .handler(async () => {
          if (hook === "onError") throw new Error("answered early")
        })

      expect(await slowly(() => call(handler))).toBe("early")
      expect(settled).toBe(true)
    },
  )

  it("ends commands in time for the invocation to answer", async () => {
    await using silent = await startFaultProxy({ target: server })
    const hanging = createRedis({ url: silent.url(), commandTimeoutMs: 60_000, reserveMs: 500 })
    await hanging.ping()
    silent.silence({ newConnections: "silent" })
    let leftMs = 0
    const handler = middy()
      .use(withRedis(hanging))
      .use({
        onError: ({ context }) => {
          leftMs = context.getRemainingTimeInMillis()
        },
      })
      .handler(async () => hanging.get("key"))

    await expect(call(handler, {}, 1_000)).rejects.toMatchObject({ name: "TimeoutError" })
    expect(leftMs).toBeGreaterThan(0)
    await hanging.close()
  })

  it("takes back the leases that were not given back", async () => {
    const handler = middy()
      .use(withRedis(redis))
      .handler(async () => {
        await redis.acquire()
      })

    await call(handler)

    expect(redis.stats().leased).toBe(0)
  })

  it("keeps invocations that overlap apart: each waits for its own commands only", async () => {
    const gate = Promise.withResolvers<void>()
    const handler = middy<{ slow: boolean }>()
      .use(withRedis(redis))
      .handler(async (event: { slow: boolean }) => {
        if (event.slow) await gate.promise
        await redis.incr("overlap")
        return event.slow
      })

    const slow = call(handler, { slow: true })
    const quick = await Promise.all([1, 2, 3].map(() => call(handler, { slow: false })))
    gate.resolve()

    expect([await slow, ...quick]).toEqual([true, false, false, false])
    expect(await server.command("GET", "overlap")).toBe("4")
  })

  it("leaves nothing behind that a later invocation could mistake for its own", async () => {
    const handler = middy()
      .use(withRedis(redis))
      .handler(async () => redis.incr("again"))

    await call(handler, {}, 400)
    const next = createRedis({ url: proxy.url() })
    const outside = await slowly(() => next.incr("again"))

    expect([outside, await call(handler)]).toEqual([2, 3])
    await next.close()
  })

  it("is one invocation with a withRedis around it", async () => {
    await using other = createRedis({ url: server.url })
    const handler = wrapWithRedis(
      other,
      middy()
        .use(withRedis(redis))
        .handler(async () => {
          void redis.incr("around")
          void other.incr("around")
          return "once"
        }) as (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>,
    )

    expect(await slowly(() => call(handler))).toBe("once")
    expect(await server.command("GET", "around")).toBe("2")
  })

  it("runs without a context, outside Lambda", async () => {
    const handler = middy()
      .use(withRedis(redis))
      .handler(async () => redis.ping())

    expect(await (handler as unknown as () => Promise<unknown>)()).toBe("PONG")
  })
})

describe("a ping of the warmer", () => {
  it("is answered by validating the connection; no other middleware and no handler sees it", async () => {
    const seen: string[] = []
    const handler = middy()
      .use(withRedis(redis))
      .use({ before: () => void seen.push("before"), after: () => void seen.push("after") })
      .handler(async () => seen.push("handler"))
    await redis.ping()
    await proxy.cut()

    const answer = await call(handler, JSON.parse(encodePing({ holdMs: 0 })))

    expect(readPong(answer)).toEqual({ sandbox: expect.any(String) })
    expect(seen).toEqual([])
    expect(redis.stats()).toMatchObject({ shared: 1 })
  })
})

it("names what it is given in place of a client", () => {
  expect(() => withRedis({} as never)).toThrow("withRedis: the first argument is the client")
})
