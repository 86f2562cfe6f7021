import { inspect } from "node:util"
import { describe, expect, it, vi } from "vitest"
import { cold, FakeScope, lines, warm } from "./client.fixture.ts"
import { createRedis } from "./create-redis.ts"
import { ArgumentError, ConfigError, ReplyError, UnsupportedCommandError } from "./errors.ts"
import type { Redis } from "./redis.ts"
import { FakeTransport } from "./testing/fake-transport.ts"
import { wordsOf } from "./testing/words-of.ts"

/** A call that the compiler would refuse. */
const callWith = (redis: Redis, ...args: unknown[]): Promise<unknown> =>
  Reflect.apply(redis.call, redis, args)

describe("a client among other objects", () => {
  it("is no promise: awaiting it gives the client", async () => {
    const { redis, transport } = cold()

    const awaited: unknown = await redis

    expect(awaited).toBe(redis)
    expect(transport.attempts).toBe(0)
  })

  it("has its methods, and has not what it lacks", () => {
    const { redis } = cold()

    expect("get" in redis).toBe(true)
    expect("gett" in redis).toBe(false)
    expect("then" in redis).toBe(false)
    expect("status" in redis).toBe(false)
  })

  it("throws a TypeError for a misspelt method", () => {
    const { redis } = cold()

    expect(() => Reflect.get(redis, "gett")("k")).toThrow(TypeError)
  })

  it("can be spied on, before and after its first use", async () => {
    const { redis, transport } = await warm()
    const spy = vi.spyOn(redis, "get").mockResolvedValueOnce("spied")

    expect(await redis.get("k")).toBe("spied")
    expect(await redis.get("k")).toBeNull()
    expect(spy).toHaveBeenCalledTimes(2)
    spy.mockRestore()
    expect(await redis.get("k")).toBeNull()
    expect(lines(transport)).toEqual(["GET k", "GET k"])
  })

  it("shows nothing of itself when it is printed or made JSON", async () => {
    const secret = "planted-secret"
    const { redis } = await warm({ keyPrefix: secret })
    const lease = await redis.acquire()
    await redis.set(secret, secret)
    const parts = [
      redis,
      redis.with({ timeoutMs: 5 }),
      lease,
      redis.pipeline().set(secret, secret),
      redis.multi().set(secret, secret),
    ]

    for (const part of parts) {
      expect(inspect(part, { depth: null, showHidden: true })).not.toContain(secret)
      expect(JSON.stringify(part)).not.toContain(secret)
      expect(wordsOf(part)).not.toContain(secret)
    }
    expect(JSON.stringify(redis)).toBe("{}")
  })

  it("is a dictionary of nothing: no own and no enumerable names", () => {
    const { redis } = cold()

    expect(Object.keys(redis)).toEqual([])
  })

  it("gives methods that know their names", () => {
    const { redis } = cold()

    expect(redis.get.name).toBe("get")
    expect(redis.getBuffer.name).toBe("getBuffer")
  })
})

describe("a wrong call", () => {
  it.each<[string, (redis: Redis) => Promise<unknown>, unknown]>([
    ["a callback", (redis) => callWith(redis, "get", "k", () => {}), /callbacks are not supported/],
    ["a symbol", (redis) => callWith(redis, "get", Symbol("k")), ArgumentError],
    ["an object where none can stand", (redis) => callWith(redis, "set", "k", {}), ArgumentError],
    ["no name", (redis) => redis.call(""), ArgumentError],
    ["SELECT", (redis) => redis.call("SELECT", 1), UnsupportedCommandError],
    ["WATCH", (redis) => redis.call("WATCH", "k"), UnsupportedCommandError],
    ["SUBSCRIBE", (redis) => redis.call("SUBSCRIBE", "c"), UnsupportedCommandError],
    ["use without a function", (redis) => Reflect.apply(redis.use, redis, []), ArgumentError],
  ])("rejects and sends nothing: %s", async (_, run, error) => {
    const { redis, transport } = await warm()

    await expect(run(redis)).rejects.toThrow(error as RegExp)
    expect(lines(transport)).toEqual([])
  })

  it("with a trailing callback names the way out, for a method too", async () => {
    const { redis } = await warm()

    const call: Promise<unknown> = Reflect.apply(redis.get, redis, ["k", () => {}])

    await expect(call).rejects.toThrow("await the promise")
  })

  it("shows no argument", async () => {
    const { redis } = await warm()
    const secret = "planted-secret"

    const error: unknown = await redis.call("NOSUCH", secret, secret).catch((reason: unknown) => reason)

    expect(error).toBeInstanceOf(ReplyError)
    expect(wordsOf(error)).not.toContain(secret)
  })

  it.each([{ timeoutMs: 0 }, { timeoutMs: -1 }, { timeoutMs: "5" }, { signal: {} }, { timeout: 5 }, null])(
    "is with(%j)",
    (options) => {
      const { redis } = cold()

      expect(() => Reflect.apply(redis.with, redis, [options])).toThrow(ArgumentError)
    },
  )
})

describe("a view made by with", () => {
  it("is another object over the same connections", async () => {
    const { redis, transport } = await warm()

    const view = redis.with({ timeoutMs: 5 })
    await view.set("k", "1")

    expect(view).not.toBe(redis)
    expect(await redis.get("k")).toBe("1")
    expect(transport.attempts).toBe(1)
  })

  it("takes over what an earlier view set", async () => {
    const { redis } = await warm()

    const call = redis
      .with({ signal: AbortSignal.abort(new Error("gave up")) })
      .with({ timeoutMs: 5 })
      .get("k")

    await expect(call).rejects.toThrow("gave up")
  })
})

describe("replies", () => {
  it("have ioredis's shapes", async () => {
    const { redis } = await warm()

    expect(await redis.set("k", "1")).toBe("OK")
    expect(await redis.hset("h", new Map([["a", 1]]))).toBe(1)
    expect(await redis.hgetall("h")).toEqual({ a: "1" })
    expect(await redis.hgetall("none")).toEqual({})
    expect(await redis.call("HGETALL", "h")).toEqual(["a", "1"])
    expect(await redis.mget(["k", "none"])).toEqual(["1", null])
    expect(await redis.getBuffer("k")).toEqual(new Uint8Array([0x31]))
    expect(await redis.callBuffer("GET", "k")).toEqual(new Uint8Array([0x31]))
    await redis.set("big", "9007199254740993")
    expect(await redis.incr("big")).toBe("9007199254740994")
  })

  it("have the keys that were given where the prefix is empty", async () => {
    const { redis, transport } = await warm({ keyPrefix: "" })

    await redis.set("k", "1")

    expect(lines(transport)).toEqual(["SET k 1"])
  })

  it("are for prefixed keys where a prefix is set", async () => {
    const { redis, transport } = await warm({ keyPrefix: "p:" })

    await redis.set("k", "1")
    await redis.multi().get("k").exec()

    expect(lines(transport)).toEqual(["SET p:k 1", "MULTI", "GET p:k", "EXEC"])
  })
})

describe("options", () => {
  const transport = new FakeTransport()

  it.each<[string, object, RegExp]>([
    ["an unknown one", { transport, maxx: 3 }, /unknown option maxx: did you mean max\?/],
    ["max: 0", { transport, max: 0 }, /max takes a whole number/],
    ["a fraction", { transport, max: 1.5 }, /max takes a whole number/],
    ["a string for a number", { transport, commandTimeoutMs: "5" }, /commandTimeoutMs takes a whole number/],
    ["a timeout of nothing", { transport, commandTimeoutMs: 0 }, /commandTimeoutMs takes a whole number/],
    ["no transport", {}, /transport takes what socketTransport/],
    ["a transport that is none", { transport: {} }, /transport takes what socketTransport/],
    ["a wrong word", { transport, retryWrites: "always" }, /"never" or "overwrites"/],
  ])("that are wrong throw at once, naming the fix: %s", (_, options, message) => {
    const create = () => Reflect.apply(createRedis, undefined, [options])

    expect(create).toThrow(ConfigError)
    expect(create).toThrow(message)
  })
})

describe("invocations", () => {
  it("do not mix: 64 at once, each with its own replies", async () => {
    const { redis, transport, host } = await warm()

    const replies = await Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        host.current = new FakeScope()
        const reply = redis.set(`k${n}`, n).then(() => redis.get(`k${n}`))
        host.current = undefined
        return reply
      }),
    )

    expect(replies).toEqual(Array.from({ length: 64 }, (_, n) => String(n)))
    expect(transport.attempts).toBe(1)
  })
})
