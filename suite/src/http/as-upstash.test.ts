import { errors, Redis as UpstashRedis } from "@upstash/redis"
import { createRedis, OutcomeUnknownError, type PortableRedis, TimeoutError } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { asUpstash } from "@warmpool/upstash"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { overGateway, type TransportCase } from "../transports.ts"
import { useDoor } from "./door.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

const LIMIT = { commandTimeoutMs: 10_000 }

interface Client {
  readonly name: string
  readonly transport: TransportCase
  open(transport: ReturnType<TransportCase["open"]>): PortableRedis
}

const tcp: TransportCase = { name: "TCP", open: (url) => socketTransport({ url }) }
const clients: readonly Client[] = [
  { name: "TCP", transport: tcp, open: (transport) => createRedis({ ...LIMIT, transport }) },
  ...overGateway.map((transport) => ({
    name: transport.name,
    transport,
    open: (opened: ReturnType<TransportCase["open"]>) => createPortableRedis({ ...LIMIT, transport: opened }),
  })),
]

describe.each(clients)("a Redis of @upstash/redis over $name", ({ transport, open }) => {
  const door = useDoor(transport, () => server)
  let own: PortableRedis
  let redis: UpstashRedis
  beforeEach(async () => {
    await server.command("FLUSHALL")
    own = open(transport.open(door()))
    redis = asUpstash(own)
  })
  afterEach(() => own.close())

  it("does not take a value that is missing for the word undefined", async () => {
    const missing = redis.set("k", undefined)
    const amid = redis.pipeline().set("k", 1).set("l", undefined).exec()

    for (const attempt of [missing, amid]) {
      await expect(attempt).rejects.toThrow(errors.UpstashError)
      await expect(attempt).rejects.toThrow("an argument must be a string, a number or a boolean")
    }
    expect(await redis.exists("k", "l")).toBe(0)
  })

  it("is one, with its JSON and its shapes", async () => {
    expect(redis).toBeInstanceOf(UpstashRedis)
    expect(await redis.set("object", { a: [1, null, "x"] })).toBe("OK")
    expect(await redis.get("object")).toEqual({ a: [1, null, "x"] })
    expect(await redis.set("n", 1, { ex: 100, nx: true })).toBe("OK")
    expect(await redis.set("n", 2, { nx: true })).toBeNull()
    expect(await redis.get("n")).toBe(1)
    expect(await redis.hset("h", { a: 1, b: { c: true } })).toBe(2)
    expect(await redis.hgetall("h")).toEqual({ a: 1, b: { c: true } })
    expect(await redis.hgetall("missing")).toBeNull()
    expect(await redis.mget("n", "missing")).toEqual([1, null])
    expect(await redis.zadd("z", { score: 1, member: "a" }, { score: 2, member: "b" })).toBe(2)
    expect(await redis.zrange("z", 0, -1, { withScores: true })).toEqual(["a", 1, "b", 2])
    expect(await redis.scan(0, { match: "z", count: 100 })).toEqual(["0", ["z"]])
    expect(await redis.incrby("n", 41)).toBe(42)
    expect(await redis.set("big", "9007199254740993")).toBe("OK")
    expect(await redis.get("big")).toBe("9007199254740993")
    expect(await redis.exec(["SET", "exec", 1])).toBe("OK")
    expect(await redis.eval("return {KEYS[1], ARGV[1]}", ["k"], ["v"])).toEqual(["k", "v"])
  })

  it("runs pipelines, transactions and scripts", async () => {
    const pipeline = await redis.pipeline().set("k", { a: 1 }).get("k").incr("n").exec()
    const multi = await redis.multi().incr("n").incr("n").exec()
    const script = redis.createScript<number>("return redis.call('INCRBY', KEYS[1], ARGV[1])")

    expect(pipeline).toEqual(["OK", { a: 1 }, 1])
    expect(multi).toEqual([2, 3])
    expect(await script.exec(["n"], ["10"])).toBe(13)
    expect(await script.exec(["n"], ["10"])).toBe(23)
  })

  it("has its own errors for those of the server, and its own outcomes", async () => {
    await redis.set("text", "text")

    await expect(redis.incr("text")).rejects.toThrow(errors.UpstashError)
    await expect(redis.incr("text")).rejects.toThrow("ERR value is not an integer")
    await expect(redis.pipeline().incr("text").exec()).rejects.toThrow("Command 1 [ incr ] failed: ERR value")
    await expect(redis.multi().exec()).rejects.toThrow("Pipeline is empty")
    await expect(redis.exec(["BLPOP", "l", 1])).rejects.toThrow(errors.UpstashError)
    await expect(redis.exec(["SELECT", 1])).rejects.toThrow(errors.UpstashError)
    expect(await redis.pipeline().incr("text").get("text").exec({ keepErrors: true })).toEqual([
      { error: expect.stringContaining("ERR value"), result: undefined },
      { error: undefined, result: "text" },
    ])
    await expect(redis.multi().set("k", 1).json.get("k").exec()).rejects.toThrow("EXECABORT")
  })
})

describe("a Redis of @upstash/redis over TCP", () => {
  it("hears of channels and patterns", async () => {
    const own = createRedis({ ...LIMIT, transport: tcp.open(server.url) })
    onTestFinished(() => own.close())
    const redis = asUpstash(own)
    const heard: unknown[] = []
    const channels = redis.subscribe(["news"])
    const patterns = redis.psubscribe(["new*"])
    channels.on("message", (message) => heard.push(message))
    patterns.on("pmessage", (message) => heard.push(message))
    await Promise.all([
      new Promise((resolve) => channels.on("subscribe", resolve)),
      new Promise((resolve) => patterns.on("psubscribe", resolve)),
    ])

    await redis.publish("news", { a: 1 })

    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 10_000 })
    expect(heard).toContainEqual({ channel: "news", message: { a: 1 } })
    expect(heard).toContainEqual({ pattern: "new*", channel: "news", message: { a: 1 } })
    await channels.unsubscribe()
    await patterns.unsubscribe()
    await vi.waitFor(async () => expect(await redis.publish("news", "x")).toBe(0), { timeout: 10_000 })
  })

  it("keeps our errors where there is no reply: they say what became of the command", async () => {
    const proxy = await startFaultProxy({ target: server })
    const own = createRedis({ transport: tcp.open(proxy.url()), commandTimeoutMs: 300 })
    onTestFinished(async () => {
      await own.close()
      await proxy.close()
    })
    const redis = asUpstash(own)
    await own.with({ timeoutMs: 10_000 }).ping()
    await server.command("DEL", "n")
    proxy.silence()

    await expect(redis.incr("n")).rejects.toThrow(OutcomeUnknownError)
    await expect(redis.pipeline().get("n").exec()).rejects.toThrow(TimeoutError)
  })
})
