import { describe, expect, it, vi } from "vitest"
import { cold, record, warm, watch } from "./client.fixture.ts"
import { createRedis } from "./create-redis.ts"
import { ArgumentError, ReplyError } from "./errors.ts"
import type { EventName } from "./events.ts"
import { FakeHost } from "./testing/fake-host.ts"
import { FakeTransport } from "./testing/fake-transport.ts"

describe("events", () => {
  it("tell of a connection that opened and closed", async () => {
    const { redis, transport, host } = cold()
    const [opens, closes] = [record(redis, "open"), record(redis, "close")]
    transport.setLatency(10)
    watch(redis.get("k"))
    await host.advance(20)
    await host.advance(80)

    transport.cut()
    await host.settle()

    expect(opens).toEqual([{ id: 1, tookMs: 10 }])
    expect(closes).toEqual([{ id: 1, livedMs: 90 }])
  })

  it("tell of each batch and its size", async () => {
    const { redis } = await warm()
    const sizes = record(redis, "batch")

    await Promise.all([redis.get("a"), redis.multi().incr("n").exec(), redis.get("b")])
    await redis.get("c")

    expect(sizes).toMatchObject([
      { id: 1, size: 3, command: "BATCH" },
      { id: 1, size: 1, command: "GET" },
    ])
  })

  it("tell how a batch ended: when its last command settled, and the first failure", async () => {
    const { redis } = await warm()
    const ends: Promise<unknown>[] = []
    redis.on("batch", ({ done }) => ends.push(done))

    await Promise.allSettled([redis.set("s", "x"), redis.incr("s"), redis.get("s")])
    await redis.get("s")

    expect(await Promise.all(ends)).toMatchObject([{ error: "ERR" }, { error: undefined }])
  })

  it("tell that a batch was lost, and of the one it was sent again in", async () => {
    const { redis, transport, host } = await warm()
    const ends: Promise<unknown>[] = []
    redis.on("batch", ({ done }) => ends.push(done))
    transport.loseReplyOf(1)

    const reply = redis.get("k")
    await host.advance(100)

    expect(await reply).toBeNull()
    expect(await Promise.all(ends)).toMatchObject([{ error: "ERR_CONNECTION" }, { error: undefined }])
  })

  it("reach every listener until it is taken off", async () => {
    const { redis } = await warm()
    const seen: string[] = []
    const offFirst = redis.on("batch", () => seen.push("first"))
    redis.on("batch", () => seen.push("second"))

    await redis.get("k")
    offFirst()
    offFirst()
    await redis.get("k")

    expect(seen).toEqual(["first", "second", "second"])
  })

  it("do not exist under a wrong name", () => {
    const { redis } = cold()
    const on = (name: string, listener?: unknown) => Reflect.apply(redis.on, redis, [name, listener])

    expect(() => on("ready", () => {})).toThrow(ArgumentError)
    expect(() => on("ready", () => {})).toThrow(
      "one of open, close, evict, thaw, retry, timeout, lease, leak",
    )
    expect(() => on("open")).toThrow(ArgumentError)
  })

  it("harm no command when a listener throws; the error surfaces by itself", async () => {
    const { redis, host } = await warm()
    redis.on("batch", () => {
      throw new Error("the listener's own")
    })

    expect(await redis.incr("n")).toBe(1)
    await expect(host.advance(1)).rejects.toThrow("the listener's own")
  })

  it("let a listener abort what is still in the queue", async () => {
    const { redis, transport, host } = await warm({}, { traits: { maxRequests: 1 } })
    const abort = new AbortController()
    const view = redis.with({ signal: abort.signal })
    redis.on("batch", () => abort.abort(new Error("enough")))

    const calls = [view.incr("a"), view.incr("b")].map(watch)
    await host.settle()

    expect(calls.map(({ fate }) => fate)).toEqual(["unknown", "unsent"])
    expect(transport.commands).toEqual([["INCR", "a"]])
    await redis.settled()
  })

  it("let a listener issue commands of its own", async () => {
    const { redis, host } = await warm()
    let extra: Promise<unknown> | undefined
    redis.on("batch", () => {
      extra ??= redis.incr("seen")
    })

    await redis.get("k")
    await host.settle()

    expect(await extra).toBe(1)
  })

  it("hold no key, no value and no error's echo", async () => {
    const { redis, transport, host } = await warm({ leakWarnAfterMs: 1, idleTimeoutMs: 1 })
    const names: EventName[] = [
      "open",
      "close",
      "evict",
      "thaw",
      "retry",
      "timeout",
      "lease",
      "leak",
      "batch",
    ]
    const details = names.map((name) => record(redis, name))
    const secret = "planted-secret"

    await redis.set(secret, secret)
    watch(redis.call("NOSUCH", secret))
    await redis.use(async (lease) => {
      await lease.set(secret, secret)
      await host.advance(10)
    })
    transport.answerNext(new ReplyError("LOADING Redis is loading"))
    watch(redis.set(secret, secret))
    await host.advance(100)
    transport.silence()
    watch(redis.set(secret, secret))
    await host.freeze(5_000)
    watch(redis.get(secret))
    await host.advance(2_000)
    transport.cut()
    await host.settle()

    for (const [n, each] of details.entries()) expect([names[n], each.length]).not.toEqual([names[n], 0])
    expect(JSON.stringify(details)).not.toContain(secret)
  })
})

describe("the host's channels", () => {
  it("get what they are subscribed to", async () => {
    const { redis, host } = await warm()
    host.subscribe("batch")

    await redis.get("k")

    expect(host.published).toMatchObject([{ event: "batch", detail: { id: 1, size: 1, command: "GET" } }])
  })

  it("cost nothing when nobody listens: nothing is built, nothing is published", async () => {
    const { redis, host } = await warm()
    const publish = vi.spyOn(host, "publish")

    await redis.get("k")

    expect(publish).not.toHaveBeenCalled()
  })

  it("are optional", async () => {
    const host = new FakeHost()
    const { now, after, tick, turn } = host
    const redis = createRedis({ transport: new FakeTransport({ host }), host: { now, after, tick, turn } })

    expect(await redis.incr("n")).toBe(1)
  })
})

describe("stats", () => {
  it("count connections by state, and what became of the others", async () => {
    const { redis, transport, host } = await warm({ max: 3 })
    const lease = await redis.acquire()
    await (await redis.acquire()).release()
    transport.hang()
    const before = redis.stats()
    await lease.select(1)
    await lease.release()
    await host.settle()

    expect(before).toEqual({
      connecting: 0,
      idle: 1,
      shared: 1,
      leased: 1,
      waiting: 0,
      opened: 3,
      closed: 0,
      evicted: 0,
    })
    expect(redis.stats()).toMatchObject({ idle: 1, leased: 0, closed: 1, evicted: 1 })
  })

  it("count attempts under way", async () => {
    const { redis, transport, host } = cold()
    transport.hang()
    watch(redis.get("k"))
    await host.settle()

    expect(redis.stats()).toMatchObject({ connecting: 1, shared: 0, opened: 0 })
  })
})
