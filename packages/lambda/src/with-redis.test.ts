import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { createRedis, type Redis, withRedis } from "./index.ts"

let server: RedisServer
let proxy: FaultProxy
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ target: server })
  redis = createRedis({ url: proxy.url() })
  await redis.ping()
})

afterAll(async () => {
  await redis.close()
  await proxy.close()
  await server.close()
})

/** Makes replies late while `work` runs, so that nothing has settled by chance. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  proxy.delay({ replies: 40 })
  try {
    return await work()
  } finally {
    proxy.delay(0)
  }
}

describe("an async handler", () => {
  it("is given event and context and answers with what it gives", async () => {
    const context = contextOf(3_000)
    const handler = withRedis(redis, async (event: { key: string }, given) => {
      await redis.set(event.key, "here")
      return { given, value: await redis.get(event.key) }
    })

    expect(await handler({ key: "async" }, context)).toEqual({ given: context, value: "here" })
  })

  it("may be a plain function", async () => {
    expect(await withRedis(redis, (event: number) => event + 1)(1, contextOf(3_000))).toBe(2)
  })

  it("fails with the very error that it threw or rejected with", async () => {
    const error = new RangeError("mine")
    const rejects = withRedis(redis, () => Promise.reject(error))
    const throws = withRedis(redis, () => {
      throw error
    })

    await expect(rejects({}, contextOf(3_000))).rejects.toBe(error)
    await expect(throws({}, contextOf(3_000))).rejects.toBe(error)
  })

  it("asks Lambda not to wait for an empty event loop, where it would", async () => {
    const context = contextOf(3_000)
    const bare = { getRemainingTimeInMillis: () => 3_000 }
    const handler = withRedis(redis, async () => redis.ping())

    await handler({}, context)
    await handler({}, bare)

    expect(context.callbackWaitsForEmptyEventLoop).toBe(false)
    expect(bare).not.toHaveProperty("callbackWaitsForEmptyEventLoop")
    expect(await handler({}, Object.freeze(contextOf(3_000)))).toBe("PONG")
  })
})

describe("commands that nobody awaits", () => {
  it("have settled when the handler's answer leaves", async () => {
    const outcomes: unknown[] = []
    const handler = withRedis(redis, async () => {
      void redis.incr("forgotten").then((count) => outcomes.push(count))
      void redis.call("NOPE").catch((error) => outcomes.push(error.message))
      return "answer"
    })

    expect(await slowly(() => handler({}, contextOf(3_000)))).toBe("answer")
    expect(outcomes).toEqual([1, "ERR unknown command 'NOPE'"])
  })

  it("have settled when the handler's error leaves", async () => {
    let settled = false
    const handler = withRedis(redis, async () => {
      void redis.incr("forgotten").finally(() => {
        settled = true
      })
      throw new Error("mine")
    })

    await slowly(() => expect(handler({}, contextOf(3_000))).rejects.toThrow("mine"))
    expect(settled).toBe(true)
  })

  it("include those that follow on a reply, however many promises lie in between", async () => {
    const handler = withRedis(redis, async () => {
      void chain()
    })
    const deep = async (level: number): Promise<number> =>
      level === 0 ? redis.incr("chain") : await deep(level - 1)
    async function chain(): Promise<void> {
      for (let link = 0; link < 3; link += 1) await deep(20)
    }

    await slowly(() => handler({}, contextOf(3_000)))

    expect(await server.command("GET", "chain")).toBe("3")
  })

  it("include those of every client", async () => {
    await using other = createRedis({ url: server.url })
    const handler = withRedis(other, async () => {
      void redis.incr("two")
      void other.incr("two")
    })

    await slowly(() => handler({}, contextOf(3_000)))

    expect(await server.command("GET", "two")).toBe("2")
  })
})

describe("two wrappers around one handler", () => {
  it("make one invocation of it", async () => {
    await using other = createRedis({ url: server.url })
    const seen: unknown[] = []
    const handler = withRedis(
      redis,
      withRedis(other, (_event: unknown, context, callback: (error: null, result: string) => void) => {
        seen.push(context.getRemainingTimeInMillis())
        void redis.incr("nested")
        void other.incr("nested")
        callback(null, "once")
      }),
    )

    expect(await slowly(() => handler({}, contextOf(3_000)))).toBe("once")
    expect(seen).toHaveLength(1)
    expect(await server.command("GET", "nested")).toBe("2")
  })
})

describe("outside Lambda", () => {
  it("a handler runs without context", async () => {
    const handler = withRedis(redis, async (event: { key: string }) => redis.incr(event.key))
    const call = handler as (event?: object, context?: object) => Promise<unknown>

    expect(await call({ key: "unit" })).toBe(1)
    expect(await call({ key: "unit" }, {})).toBe(2)
  })

  it.each([() => Number.NaN, () => undefined])(
    "a clock that tells nothing moves no deadline",
    async (clock) => {
      const context = { getRemainingTimeInMillis: clock as () => number }
      const quick = withRedis(redis, async () => redis.ping())
      const late = withRedis(redis, async () => redis.with({ timeoutMs: 5 }).ping())

      expect(await slowly(() => quick({}, context))).toBe("PONG")
      await slowly(() => expect(late({}, context)).rejects.toMatchObject({ name: "TimeoutError" }))
    },
  )
})

describe("what can't be wrapped", () => {
  it.each([undefined, null, 7, "handler", {}])("is named: %j for a handler", (handler) => {
    expect(() => withRedis(redis, handler as never)).toThrow(
      /^withRedis: the second argument is the handler, a function; it got /,
    )
  })

  it.each([undefined, null, "redis://host", {}])("is named: %j for a client", (client) => {
    expect(() => withRedis(client as never, async () => 1)).toThrow(
      "withRedis: the first argument is the client: withRedis(createRedis(), handler)",
    )
  })
})
