import { Redis, type RedisConfigNodejs } from "@upstash/redis"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startAll, TOKEN } from "./rig.ts"

let rig: Awaited<ReturnType<typeof startAll>>
beforeAll(async () => {
  rig = await startAll()
})
afterAll(() => rig[Symbol.asyncDispose]())
beforeEach(() => rig.server.command("FLUSHALL"))

/** Its own client, as it comes from the registry. */
const upstash = (options: Partial<RedisConfigNodejs> = {}) =>
  new Redis({ url: rig.gateway.url, token: TOKEN, retry: false, ...options })

describe.each<[string, Partial<RedisConfigNodejs>]>([
  ["with its defaults, which ask for base64", {}],
  ["without encoding", { responseEncoding: false as const }],
  ["with auto-pipelining", { enableAutoPipelining: true }],
  ["without reading its own writes", { readYourWrites: false }],
])("@upstash/redis %s", (_name, options) => {
  it("sets and gets, JSON and all", async () => {
    const redis = upstash(options)

    expect(await redis.set("k", { a: [1, "é\r\n", null] })).toBe("OK")
    expect(await redis.get("k")).toEqual({ a: [1, "é\r\n", null] })
    expect(await redis.get("missing")).toBeNull()
    expect(await redis.set("k", "v", { nx: true })).toBeNull()
    expect(await redis.set("n", 5, { ex: 100 })).toBe("OK")
    expect(await redis.incrby("n", 2)).toBe(7)
    expect(await redis.ttl("n")).toBeGreaterThan(90)
    expect(await redis.mset({ a: 1, b: "two" })).toBe("OK")
    expect(await redis.mget("a", "b", "c")).toEqual([1, "two", null])
    expect(await redis.append("b", "OK")).toBe(5)
    expect(await redis.set("ok", "OK")).toBe("OK")
    expect(await redis.get("ok")).toBe("OK")
    expect(await redis.exists("a", "b", "c")).toBe(2)
    expect(await redis.type("a")).toBe("string")
    expect(await redis.del("a", "b")).toBe(2)
  })

  it("keeps hashes, lists, sets, sorted sets, streams and bits", async () => {
    const redis = upstash(options)

    expect(await redis.hset("h", { f: 1, g: { x: "y" } })).toBe(2)
    expect(await redis.hgetall("h")).toEqual({ f: 1, g: { x: "y" } })
    expect(await redis.hmget("h", "f", "z")).toEqual({ f: 1, z: null })
    expect(await redis.rpush<string | number>("l", "a", "OK", 3)).toBe(3)
    expect(await redis.lrange("l", 0, -1)).toEqual(["a", "OK", 3])
    expect(await redis.sadd("s", "x", "y")).toBe(2)
    expect((await redis.smembers("s")).sort()).toEqual(["x", "y"])
    expect(await redis.zadd("z", { score: 1, member: "a" }, { score: 2.5, member: "b" })).toBe(2)
    expect(await redis.zrange("z", 0, -1, { withScores: true })).toEqual(["a", 1, "b", 2.5])
    expect(await redis.xadd("x", "1-1", { field: "value" })).toBe("1-1")
    expect(await redis.xrange("x", "-", "+")).toEqual({ "1-1": { field: "value" } })
    expect(await redis.setbit("bits", 7, 1)).toBe(0)
    expect(await redis.getbit("bits", 7)).toBe(1)
    const [cursor, keys] = await redis.scan(0, { match: "?", count: 100 })
    expect([cursor, keys.sort()]).toEqual(["0", ["h", "l", "s", "x", "z"]])
    expect(await redis.geoadd("geo", { longitude: 13.361389, latitude: 38.115556, member: "p" })).toBe(1)
  })

  it("runs scripts", async () => {
    const redis = upstash(options)
    const lua = "return {KEYS[1], ARGV[1], 7, {'OK', false, 'deep'}}"

    const sha = await redis.scriptLoad(lua)

    expect(await redis.eval(lua, ["k"], ["v"])).toEqual(["k", "v", 7, ["OK", null, "deep"]])
    expect(await redis.evalsha(sha, ["k"], ["v"])).toEqual(["k", "v", 7, ["OK", null, "deep"]])
    expect(await redis.createScript<number>("return 3").exec([], [])).toBe(3)
  })

  it("pipelines, in order and in one request", async () => {
    const redis = upstash(options)
    const pipeline = redis.pipeline().set("k", "v").get("k").lpush("l", 1, 2).incr("n")

    expect(await pipeline.exec()).toEqual(["OK", "v", 2, 1])
    expect(await redis.pipeline().set("k", "v").incr("k").get("k").exec({ keepErrors: true })).toMatchObject([
      { result: "OK" },
      { error: "ERR value is not an integer or out of range" },
      { result: "v" },
    ])
  })

  it("runs transactions, and throws where one is discarded", async () => {
    const redis = upstash(options)

    expect(await redis.multi().incr("n").incr("n").get("n").exec()).toEqual([1, 2, 2])
    await expect(redis.multi().incr("n").mset({}).exec()).rejects.toThrow("EXECABORT Transaction discarded")
    expect(await redis.get("n")).toBe(2)
  })

  it("throws the server's errors", async () => {
    const redis = upstash(options)
    await redis.set("k", "v")

    await expect(redis.lpush("k", 1)).rejects.toThrow("WRONGTYPE Operation against a key")
    await expect(redis.incr("k")).rejects.toThrow("ERR value is not an integer or out of range")
  })

  it("reads what it wrote, time after time", async () => {
    const redis = upstash(options)

    for (let n = 0; n < 30; n++) {
      await redis.set("own", n)
      expect(await redis.get("own")).toBe(n)
    }
  })
})

describe("@upstash/redis and channels", () => {
  it("gets messages of channels and of patterns until it unsubscribes", async () => {
    const redis = upstash()
    const heard: unknown[] = []
    const plain = redis.subscribe<unknown>(["news", "ünï code"])
    const pattern = redis.psubscribe<unknown>("n*s")
    const both = Promise.withResolvers<void>()
    const note = (message: unknown) => heard.push(message) === 3 && both.resolve()
    plain.on("message", note)
    pattern.on("pmessage", note)
    await Promise.all([confirmed(plain, "subscribe", 2), confirmed(pattern, "psubscribe", 1)])

    expect(await redis.publish("news", { text: "a,b,c" })).toBe(2)
    expect(await redis.publish("ünï code", "x")).toBe(1)
    await both.promise

    expect(heard).toHaveLength(3)
    expect(heard).toEqual(
      expect.arrayContaining([
        { channel: "news", message: { text: "a,b,c" } },
        { pattern: "n*s", channel: "news", message: { text: "a,b,c" } },
        { channel: "ünï code", message: "x" },
      ]),
    )
    await plain.unsubscribe()
    await pattern.unsubscribe()
    await expect.poll(() => rig.server.command("PUBSUB", "CHANNELS")).toEqual([])
  })
})

function confirmed(
  subscriber: ReturnType<typeof Redis.prototype.subscribe>,
  event: "subscribe" | "psubscribe",
  times: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = times
  subscriber.on(event, () => {
    left -= 1
    if (left === 0) resolve()
  })
  return promise
}

describe("@upstash/redis with a wrong token", () => {
  it("is told so", async () => {
    await expect(upstash({ token: "a-token-that-is-wrong" }).get("k")).rejects.toThrow(
      "WRONGPASS invalid or missing auth token",
    )
  })
})
