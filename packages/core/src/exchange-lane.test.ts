import { describe, expect, it } from "vitest"
import { watch } from "./client.fixture.ts"
import { OutcomeUnknownError, ReplyError, UnsupportedCommandError } from "./errors.ts"
import { exchanging } from "./exchange.fixture.ts"
import { fateOf } from "./fate-of.ts"
import { createPortableRedis } from "./portable.ts"
import { FakeTransport } from "./testing/fake-transport.ts"

describe("batches of exchanges", () => {
  it("sends the reads and writes of one tick together, in order", async () => {
    const { redis, exchanger, host } = exchanging()

    const replies = Promise.all([
      redis.set("k", 1),
      redis.get("k"),
      redis.hgetall("h"),
      redis.lrange("l", 0, -1),
    ])
    await host.settle()
    exchanger.exchanges[0]?.answer("OK", "1", ["a", "b"], ["c"])

    expect(await replies).toEqual(["OK", "1", { a: "b" }, ["c"]])
    expect(exchanger.exchanges.map(({ lines }) => lines)).toEqual([
      ["SET k 1", "GET k", "HGETALL h", "LRANGE l 0 -1"],
    ])
  })

  it("lets batches overlap that only read", async () => {
    const { redis, exchanger, host } = exchanging()

    void redis.get("a")
    await host.settle()
    void redis.get("b")
    await host.settle()

    expect(exchanger.open.length).toBe(2)
  })

  it("lets no more than five overlap, and puts what comes meanwhile into the next", async () => {
    const { redis, exchanger, host } = exchanging()

    for (let i = 0; i < 9; i += 1) {
      void redis.get(`k${i}`)
      await host.settle()
    }
    exchanger.exchanges[0]?.answer("x")
    await host.settle()

    expect(exchanger.exchanges.map(({ lines }) => lines.length)).toEqual([1, 1, 1, 1, 1, 4])
  })

  it.each([
    ["a write behind a read", "get", "set"],
    ["a read behind a write", "set", "get"],
    ["a write behind a write", "set", "set"],
  ] as const)("holds %s back until that is answered", async (_case, first, second) => {
    const { redis, exchanger, host } = exchanging()
    const call = (name: "get" | "set") => (name === "get" ? redis.get("k") : redis.set("k", "v"))

    const before = watch(call(first))
    await host.settle()
    const behind = watch(call(second))
    await host.settle()
    expect(exchanger.exchanges.length).toBe(1)
    exchanger.exchanges[0]?.answer("one")
    await host.settle()
    exchanger.exchanges[1]?.answer("two")
    await host.settle()

    expect([before.value, behind.value]).toEqual(["one", "two"])
  })

  it("sends a transaction by itself, in its place", async () => {
    const { redis, exchanger, host } = exchanging()

    void redis.set("a", 1)
    const done = redis.multi().incr("b").incr("c").exec()
    void redis.set("d", 1)
    for (const replies of [["OK"], [1, 2], ["OK"]]) {
      await host.settle()
      exchanger.open[0]?.answer(...replies)
    }

    expect(await done).toEqual([
      [null, 1],
      [null, 2],
    ])
    expect(exchanger.exchanges.map(({ lines }) => lines)).toEqual([
      ["SET a 1"],
      ["MULTI", "INCR b", "INCR c", "EXEC"],
      ["SET d 1"],
    ])
  })

  it.each([
    ["too many requests", { maxRequests: 2 }, [2, 2, 1]],
    ["too many bytes", { maxBytes: 12 }, [2, 2, 1]],
  ])("splits %s in order", async (_case, traits, sizes) => {
    const { redis, exchanger, host } = exchanging({}, traits)

    const all = Promise.all(["a", "b", "c", "d", "e"].map((key) => redis.incr(key)))
    for (let i = 0; i < sizes.length; i += 1) {
      await host.settle()
      exchanger.open[0]?.answer(1, 1, 1)
    }

    await all
    expect(exchanger.exchanges.map(({ lines }) => lines.length)).toEqual(sizes)
    expect(exchanger.exchanges.flatMap(({ lines }) => lines)).toEqual(
      ["a", "b", "c", "d", "e"].map((key) => `INCR ${key}`),
    )
  })

  it("fails one command without failing its neighbours", async () => {
    const { redis, exchanger, host } = exchanging()

    const wrong = watch(redis.incr("text"))
    const right = watch(redis.incr("n"))
    await host.settle()
    exchanger.exchanges[0]?.answer(new ReplyError("ERR value is not an integer or out of range"), 1)
    await host.settle()

    expect(wrong.error?.message).toContain("not an integer")
    expect(right.value).toBe(1)
  })
})

describe("fates of exchanges", () => {
  it("sends again what did not leave, and what only reads", async () => {
    const { redis, exchanger, host } = exchanging()

    const written = watch(redis.incr("n"))
    await host.settle()
    exchanger.open[0]?.lose("unsent")
    await host.advance(30)
    exchanger.open[0]?.answer(1)
    await host.settle()
    const read = watch(redis.get("n"))
    await host.settle()
    exchanger.open[0]?.lose("unknown")
    await host.advance(30)
    exchanger.open[0]?.answer("1")
    await host.settle()

    expect([written.value, read.value]).toEqual([1, "1"])
  })

  it("never sends a write again whose response was lost, and says that it may have run", async () => {
    const { redis, exchanger, host } = exchanging()

    const lost = watch(redis.incr("n"))
    const read = watch(redis.get("n"))
    await host.settle()
    exchanger.open[0]?.lose("unknown")
    await host.advance(30)
    exchanger.open[0]?.answer("1")
    await host.settle()

    expect(lost.error).toBeInstanceOf(OutcomeUnknownError)
    expect(read.value).toBe("1")
    expect(exchanger.exchanges.map(({ lines }) => lines)).toEqual([["INCR n", "GET n"], ["GET n"]])
  })

  it("does not know what became of a write of which the response says nothing", async () => {
    const { redis, exchanger, host } = exchanging()

    const written = watch(redis.incr("n"))
    const read = watch(redis.get("n"))
    await host.settle()
    exchanger.open[0]?.ignore()
    await host.advance(30)
    exchanger.open[0]?.answer("1")
    await host.settle()

    expect(written).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(read.value).toBe("1")
  })

  it("sends one again only once, though its response comes to an end later", async () => {
    const { redis, exchanger, host } = exchanging()
    const pipeline = watch(redis.pipeline().get("a").get("b").exec())
    await host.settle()

    exchanger.open[0]?.answer(new ReplyError("LOADING Redis is loading"), "b")
    await host.advance(30)
    exchanger.open[0]?.answer("a")
    await host.settle()

    expect(pipeline.value).toEqual([
      [null, "a"],
      [null, "b"],
    ])
    expect(exchanger.exchanges.map(({ lines }) => lines)).toEqual([["GET a", "GET b"], ["GET a"]])
  })

  it("waits as long as the server asks, and tries again", async () => {
    const { redis, exchanger, host } = exchanging({ commandTimeoutMs: 2_000, validateAfterMs: 5_000 })

    const written = watch(redis.incr("n"))
    await host.settle()
    exchanger.open[0]?.refuse(700)
    await host.advance(690)
    expect(exchanger.exchanges.length).toBe(1)
    await host.advance(100)
    exchanger.open[0]?.answer(1)
    await host.settle()

    expect(written.value).toBe(1)
  })

  it("does not let a newcomer wait for those that have given up", async () => {
    const { redis, exchanger, host } = exchanging({ validateAfterMs: 60_000 })

    const lost = watch(redis.with({ timeoutMs: 20_000 }).get("k"))
    while (lost.state === "pending") {
      exchanger.open[0]?.lose("unknown")
      await host.advance(10)
    }
    const next = watch(redis.incr("n"))
    await host.settle()
    exchanger.open.at(-1)?.answer(1)
    await host.settle()

    expect(next.value).toBe(1)
  })

  it("lets everybody wait as long as the server asked", async () => {
    const { redis, exchanger, host } = exchanging({ validateAfterMs: 60_000 })
    void watch(redis.with({ timeoutMs: 900 }).get("k"))
    await host.settle()
    exchanger.open[0]?.refuse(800)
    await host.advance(400)

    void watch(redis.incr("n"))
    await host.advance(100)

    expect(exchanger.exchanges.length).toBe(1)
  })

  it("fails at once what can't wait as long as the server asks", async () => {
    const { redis, exchanger, host } = exchanging()

    const written = watch(redis.incr("n"))
    await host.settle()
    exchanger.open[0]?.refuse(5_000)
    await host.settle()

    expect(written).toMatchObject({ state: "rejected", fate: "refused" })
    expect(written.error?.message).toContain("503")
  })

  it("gives up at its deadline, and lets the next go on", async () => {
    const { redis, exchanger, host } = exchanging({ commandTimeoutMs: 100 })

    const lost = watch(redis.incr("n"))
    await host.settle()
    const signal = exchanger.exchanges[0]?.signal
    await host.advance(150)
    const next = watch(redis.incr("n"))
    await host.settle()
    exchanger.open[0]?.answer(2)
    await host.settle()

    expect(lost).toMatchObject({ state: "rejected", fate: "unknown" })
    expect(signal?.aborted).toBe(true)
    expect(next.value).toBe(2)
  })

  it.each([
    ["before it is sent", "unsent", 0],
    ["after it was sent", "unknown", 1],
  ] as const)("rejects with the caller's reason, aborted %s", async (_when, fate, turns) => {
    const { redis, host } = exchanging()
    const controller = new AbortController()
    const reason = new Error("enough")

    const aborted = redis.with({ signal: controller.signal }).incr("n")
    if (turns > 0) await host.settle()
    controller.abort(reason)

    await expect(aborted).rejects.toBe(reason)
    expect(fateOf(aborted)).toBe(fate)
  })

  it("keeps a request that somebody still waits for", async () => {
    const { redis, exchanger, host } = exchanging()
    const controller = new AbortController()

    const aborted = watch(redis.with({ signal: controller.signal }).incr("a"))
    const kept = watch(redis.incr("b"))
    await host.settle()
    controller.abort(new Error("enough"))
    await host.settle()
    expect(exchanger.exchanges[0]?.signal?.aborted).toBe(false)
    exchanger.exchanges[0]?.answer(1, 2)
    await host.settle()

    expect(aborted.state).toBe("rejected")
    expect(kept.value).toBe(2)
  })
})

describe("a connection that was idle", () => {
  async function idle(options = {}) {
    const bench = exchanging(options)
    void bench.redis.get("k")
    await bench.host.settle()
    bench.exchanger.open[0]?.answer("v")
    await bench.host.advance(10_000)
    return bench
  }

  it("is asked with a PING before it carries a write", async () => {
    const { redis, exchanger, host } = await idle()

    const written = watch(redis.incr("n"))
    await host.settle()
    exchanger.open[0]?.answer("PONG")
    await host.settle()
    exchanger.open[0]?.answer(1)
    await host.settle()

    expect(written.value).toBe(1)
    expect(exchanger.exchanges.map(({ lines }) => lines)).toEqual([["GET k"], ["PING"], ["INCR n"]])
  })

  it("is asked once even where every silence counts", async () => {
    const { redis, exchanger, host } = await idle({ validateAfterMs: 0 })

    void redis.incr("n")
    await host.settle()
    exchanger.open[0]?.answer("PONG")
    await host.advance(5)

    expect(exchanger.exchanges.map(({ lines }) => lines)).toEqual([["GET k"], ["PING"], ["INCR n"]])
  })

  it("carries reads without being asked, and sends them again at once when they are lost", async () => {
    const { redis, exchanger, host } = await idle()

    const read = watch(redis.get("k"))
    await host.settle()
    exchanger.open[0]?.lose("unknown")
    await host.settle()
    exchanger.open[0]?.answer("v")
    await host.settle()

    expect(read.value).toBe("v")
  })

  it("carries the write once its answer comes, however late", async () => {
    const { redis, exchanger, host } = await idle()

    const written = watch(redis.incr("n"))
    await host.advance(150)
    const [, first] = exchanger.exchanges
    first?.answer("PONG")
    await host.settle()
    exchanger.open[0]?.answer(1)
    await host.settle()

    expect(written.value).toBe(1)
    expect(exchanger.open).toEqual([])
    expect(exchanger.exchanges.map(({ lines }) => lines.join())).toEqual(["GET k", "PING", "PING", "INCR n"])
  })

  it("lets go of what was asked when nobody waits any more", async () => {
    const { redis, exchanger, host } = await idle()

    void watch(redis.incr("n"))
    await host.advance(5_000)

    expect(exchanger.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("is left behind when it does not answer, and the next is asked", async () => {
    const { redis, exchanger, host } = await idle()

    const written = watch(redis.incr("n"))
    await host.advance(150)
    exchanger.open[1]?.answer("PONG")
    await host.settle()
    exchanger.open[0]?.answer(1)
    await host.settle()

    expect(written.value).toBe(1)
    expect(exchanger.exchanges.map(({ lines }) => lines.join())).toEqual(["GET k", "PING", "PING", "INCR n"])
  })

  it("keeps no more than five PINGs under way, however long nothing answers", async () => {
    const { redis, exchanger, host } = await idle()

    let most = 0
    for (let n = 0; n < 200; n += 1) {
      watch(redis.incr("n"))
      await host.advance(100)
      most = Math.max(most, exchanger.open.length)
    }

    expect(exchanger.exchanges.length).toBeGreaterThan(10)
    expect(most).toBe(5)
  })

  it("leaves a write unsent for as long as nothing answers", async () => {
    const { redis, exchanger, host } = await idle()

    const written = watch(redis.incr("n"))
    await host.advance(3_000)

    expect(written).toMatchObject({ state: "rejected", fate: "unsent" })
    expect(exchanger.exchanges.flatMap(({ lines }) => lines)).not.toContain("INCR n")
  })
})

describe("the portable client", () => {
  it.each([
    ["BLPOP", (redis: Callable) => redis.call("blpop", "l", 1)],
    ["WATCH", (redis: Callable) => redis.call("watch", "k")],
    ["SUBSCRIBE", (redis: Callable) => redis.call("subscribe", "c")],
  ])("refuses %s before anything is sent", async (name, call) => {
    const { redis, exchanger, host } = exchanging()

    const refused = watch(call(redis))
    await host.settle()

    expect(refused.error).toBeInstanceOf(UnsupportedCommandError)
    expect(refused.error?.message).toContain(name)
    expect(exchanger.exchanges).toEqual([])
  })

  it("refuses what comes after drain, and waits for what came before", async () => {
    const { redis, exchanger, host } = exchanging()

    const before = watch(redis.incr("n"))
    await host.settle()
    const drained = redis.drain()
    const after = watch(redis.incr("n"))
    exchanger.open[0]?.answer(1)
    await drained

    expect(before.value).toBe(1)
    expect(after).toMatchObject({ state: "rejected", fate: "unsent" })
  })

  it("gives up everything on close", async () => {
    const { redis, exchanger, host } = exchanging()

    const flying = watch(redis.incr("n"))
    await host.settle()
    const queued = watch(redis.incr("n"))
    await host.settle()
    await redis.close()
    await host.settle()

    expect([flying.fate, queued.fate]).toEqual(["unknown", "unsent"])
    expect(exchanger.open).toEqual([])
    expect(exchanger.isClosed).toBe(true)
    expect(host.timers).toBe(0)
  })

  it("tells of each batch, and of what is tried again", async () => {
    const { redis, exchanger, host } = exchanging()
    const events: string[] = []
    redis.on("batch", ({ command, size }) => events.push(`${command} ${size}`))
    redis.on("retry", ({ what, count }) => events.push(`${what} ${count}`))

    void redis.get("a")
    void redis.get("b")
    await host.settle()
    exchanger.open[0]?.refuse()
    await host.advance(30)
    exchanger.open[0]?.answer("1", "2")
    await host.settle()

    expect(events).toEqual(["GET 2", "commands 2", "GET 2"])
  })

  it("refuses a transport that keeps connections, and names the way", () => {
    expect(() => createPortableRedis({ transport: new FakeTransport() })).toThrow(/createRedis/)
  })

  it("names the options that it takes", () => {
    expect(() => exchanging({ maximum: 3 } as object)).toThrow(/unknown option maximum/)
  })
})

interface Callable {
  call(name: string, ...args: (string | number)[]): Promise<unknown>
}
