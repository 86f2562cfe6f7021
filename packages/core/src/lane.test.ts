import { describe, expect, it } from "vitest"
import { batches, cold, lines, warm, watch } from "./client.fixture.ts"
import { ReplyError } from "./errors.ts"

const KILOBYTE = "x".repeat(1_024)

describe("the batch of one tick", () => {
  it("sends all commands of one tick together, reads and writes, in order", async () => {
    const { redis, transport } = await warm()

    const replies = await Promise.all([redis.get("k"), redis.set("k", "1"), redis.incr("k"), redis.get("k")])

    expect(replies).toEqual([null, "OK", 2, "2"])
    expect(batches(transport)).toEqual([["GET k", "SET k 1", "INCR k", "GET k"]])
  })

  it("sends a pipeline, a transaction and single commands of one tick together", async () => {
    const { redis, transport } = await warm()

    await Promise.all([
      redis.set("a", "1"),
      redis.pipeline().incr("a").get("a").exec(),
      redis.multi().incr("a").exec(),
      redis.get("a"),
    ])

    expect(batches(transport)).toEqual([["SET a 1", "INCR a", "GET a", "MULTI", "INCR a", "EXEC", "GET a"]])
  })

  it("sends the commands of the next tick by themselves", async () => {
    const { redis, transport } = await warm()

    await redis.set("k", "1")
    await redis.get("k")

    expect(batches(transport)).toEqual([["SET k 1"], ["GET k"]])
  })

  it("takes commands that are issued while a microtask runs into the same batch", async () => {
    const { redis, transport } = await warm()

    const first = redis.get("a")
    await Promise.resolve()
    await Promise.all([first, redis.get("b")])

    expect(batches(transport)).toEqual([["GET a", "GET b"]])
  })

  it("sends what was issued while connecting in one batch, over one connection", async () => {
    const { redis, transport } = cold()

    const first = redis.set("k", "1")
    await transport.host.tick(() => {})
    await Promise.all([first, redis.get("k"), redis.incr("k")])

    expect(transport.attempts).toBe(1)
    expect(batches(transport)).toEqual([["SET k 1", "GET k", "INCR k"]])
  })

  it("fails only the command that the server answered with an error", async () => {
    const { redis } = await warm()

    const [before, wrong, after] = [
      watch(redis.set("k", "word")),
      watch(redis.incr("k")),
      watch(redis.get("k")),
    ]
    await redis.settled()

    expect(before).toMatchObject({ state: "resolved", value: "OK" })
    expect(wrong.error).toBeInstanceOf(ReplyError)
    expect(wrong).toMatchObject({ state: "rejected", fate: undefined })
    expect(after).toMatchObject({ state: "resolved", value: "word" })
  })

  it("gives each of three thousand commands its own reply", async () => {
    const { redis } = await warm()

    const replies = await Promise.all(Array.from({ length: 3_000 }, () => redis.incr("n")))

    expect(replies).toEqual(Array.from({ length: 3_000 }, (_, n) => n + 1))
  })
})

describe("a batch too large for one send", () => {
  it("is held back while the kernel is full, and goes on in order when it is writable", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 60_000 })
    transport.stopReading(0)

    const done = Promise.all(Array.from({ length: 600 }, (_, n) => redis.set(`k${n}`, KILOBYTE)))
    await host.settle()
    const held = transport.commands.length
    transport.drainBacklog()
    await done

    expect(held).toBeLessThan(300)
    expect(transport.commands.map(([, key]) => key)).toEqual(Array.from({ length: 600 }, (_, n) => `k${n}`))
  })

  it("keeps what it holds back unsent: none of it runs when the connection dies", async () => {
    const { redis, transport, host } = await warm()
    transport.stopReading(0)
    const writes = Array.from({ length: 600 }, (_, n) => watch(redis.append(`k${n}`, KILOBYTE)))
    await host.settle()

    transport.cut()
    await host.settle()
    await host.advance(100)

    expect(writes.filter(({ state }) => state === "resolved")).toHaveLength(600)
    expect(writes.every(({ value }) => value === KILOBYTE.length)).toBe(true)
  })

  it("sends a single command that is larger than the slice", async () => {
    const { redis } = await warm()
    const value = "x".repeat(1_000_000)

    await redis.set("k", value)

    expect(await redis.get("k")).toBe(value)
  })

  it("splits at the transport's own limits, in order", async () => {
    const { redis, transport } = await warm({}, { traits: { maxRequests: 2 } })

    await Promise.all(["a", "b", "c", "d", "e"].map((key) => redis.get(key)))

    expect(batches(transport)).toEqual([["GET a", "GET b"], ["GET c", "GET d"], ["GET e"]])
  })

  it("splits by the transport's limit in bytes", async () => {
    const { redis, transport } = await warm({}, { traits: { maxBytes: 100 } })

    await Promise.all(["a", "b", "c"].map((key) => redis.set(key, "x".repeat(60))))

    expect(batches(transport).map(({ length }) => length)).toEqual([1, 1, 1])
    expect(lines(transport)).toHaveLength(3)
  })
})
