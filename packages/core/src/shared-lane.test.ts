import { describe, expect, it } from "vitest"
import { type Bench, batches, cold, forget, lines, record, setBack, warm, watch } from "./client.fixture.ts"
import { ConnectionError, OutcomeUnknownError, ReplyError, TimeoutError } from "./errors.ts"

/** A client whose server is 10 ms away. */
async function distant(): Promise<Bench> {
  const bench = cold()
  bench.transport.setLatency(10)
  watch(bench.redis.prewarm())
  await bench.host.advance(50)
  forget(bench.transport)
  return bench
}

describe("the first command after a freeze, on a living connection", () => {
  it("goes out at once when it reads, and proves the connection", async () => {
    const { redis, transport, host } = await warm()
    const thaws = record(redis, "thaw")
    await host.freeze(5_000)

    await redis.get("k")

    expect(batches(transport)).toEqual([["GET k"]])
    expect(thaws).toEqual([{ id: 1, silentMs: 5_000 }])
    expect(transport.attempts).toBe(1)
  })

  it("waits for a PING when it writes", async () => {
    const { redis, transport, host } = await warm()
    await host.freeze(5_000)

    await redis.incr("n")

    expect(batches(transport)).toEqual([["PING"], ["INCR n"]])
    expect(transport.attempts).toBe(1)
  })

  it("lets leading reads go and the rest follow, in order", async () => {
    const { redis, transport, host } = await warm()
    await host.freeze(5_000)

    const replies = await Promise.all([redis.get("a"), redis.get("b"), redis.set("a", "1"), redis.get("a")])

    expect(batches(transport)).toEqual([
      ["GET a", "GET b"],
      ["SET a 1", "GET a"],
    ])
    expect(replies).toEqual([null, null, "OK", "1"])
  })

  it("asks nothing when it was heard of lately", async () => {
    const { redis, transport, host } = await warm()
    const thaws = record(redis, "thaw")
    await host.freeze(500)

    await redis.incr("n")

    expect(lines(transport)).toEqual(["INCR n"])
    expect(thaws).toEqual([])
  })

  it("counts a clock that went backwards as a freeze", async () => {
    const { redis, transport, host } = await warm()
    const thaws = record(redis, "thaw")

    setBack(host, 3_600_000)
    await redis.incr("n")

    expect(lines(transport)).toEqual(["PING", "INCR n"])
    expect(thaws).toEqual([{ id: 1, silentMs: Number.POSITIVE_INFINITY }])
  })

  it("opens no replacement when the answer takes as long as it did before", async () => {
    const { redis, transport, host } = await distant()
    await host.freeze(5_000)

    const call = watch(redis.incr("n"))
    await host.advance(50)

    expect(call.value).toBe(1)
    expect(transport.attempts).toBe(1)
  })

  it("dismisses the replacement when the answer comes late after all", async () => {
    const { redis, transport, host } = await warm()
    await host.freeze(5_000)
    transport.setLatency(20)

    const call = watch(redis.incr("n"))
    await host.advance(100)

    expect(call.value).toBe(1)
    expect(transport.connections.map(({ state }) => state)).toEqual(["open", "closed"])
    expect(redis.stats()).toMatchObject({ shared: 1, opened: 2, evicted: 0 })
  })

  it("has its owed write answered rather than lost: input is read first", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 60_000 })
    transport.setLatency(5)
    const owed = watch(redis.incr("n"))
    await host.settle()
    await host.freeze(5_000)

    const next = watch(redis.incr("n"))
    await host.advance(50)

    expect([owed.value, next.value]).toEqual([1, 2])
    expect(transport.attempts).toBe(1)
  })
})

describe("the first command after a freeze, on a connection that was closed meanwhile", () => {
  it.each(["incr", "get"] as const)("runs %s once, over a new connection, at once", async (command) => {
    const { redis, transport, host } = await warm()
    host.arrive(host.now() + 1_000, () => transport.cut())
    await host.freeze(5_000)
    const at = host.now()

    const call = watch(redis[command]("n"))
    await host.settle()

    expect(call.state).toBe("resolved")
    expect(host.now()).toBe(at)
    expect(batches(transport, 1)).toEqual([[`${command.toUpperCase()} n`]])
  })

  it("is sent again when the end comes right after it was written", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()
    await host.freeze(5_000)
    host.arrive(host.now() + 1, () => transport.connections[0]?.destroy(new ConnectionError("reset")))

    const call = watch(redis.get("k"))
    await host.advance(1)

    expect(call.state).toBe("resolved")
    expect(transport.attempts).toBe(2)
  })
})

describe("the first command after a freeze, on a connection that fell silent", () => {
  it.each(["incr", "get"] as const)("runs %s once, over a replacement, after 3 ms", async (command) => {
    const { redis, transport, host } = await warm()
    const evictions = record(redis, "evict")
    transport.silence()
    await host.freeze(5_000)

    const call = watch(redis[command]("n"))
    await host.advance(2)
    const attempts = transport.attempts
    await host.advance(1)

    expect(attempts).toBe(1)
    expect(call.state).toBe("resolved")
    expect(transport.connections.map(({ state }) => state)).toEqual(["closed", "open"])
    expect(evictions).toEqual([{ id: 1, reason: expect.stringContaining("silent") }])
  })

  it("waits three round trips where those are longer", async () => {
    const { redis, transport, host } = await distant()
    transport.silence()
    await host.freeze(5_000)

    watch(redis.incr("n"))
    await host.advance(29)
    const early = transport.attempts
    await host.advance(2)

    expect(early).toBe(1)
    expect(transport.attempts).toBe(2)
  })

  it("keeps the order of everything that waited", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()
    await host.freeze(5_000)

    const calls = [redis.get("k"), redis.set("k", "1"), redis.get("k")].map(watch)
    await host.advance(1)
    calls.push(watch(redis.append("k", "2")))
    await host.advance(10)

    expect(calls.map(({ value }) => value)).toEqual([null, "OK", "1", 2])
  })

  it("gives a write that is owed until validateTimeoutMs before it is called unknown", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 60_000, validateTimeoutMs: 50 })
    const owed = watch(redis.incr("n"))
    transport.silence()
    await host.settle()
    await host.freeze(5_000)

    const next = watch(redis.incr("n"))
    await host.advance(49)
    const before = [owed.state, next.state]
    await host.advance(1)

    expect(before).toEqual(["pending", "pending"])
    expect(owed).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(next.state).toBe("resolved")
  })

  it("runs one timer for the doubt, however many commands come meanwhile", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 60_000 })
    const owed = watch(redis.incr("n"))
    transport.silence()
    await host.settle()
    await host.freeze(5_000)
    for (let n = 0; n < 20; n += 1) {
      watch(redis.get("k"))
      await host.advance(2)
    }

    expect(owed.state).toBe("pending")
    expect(host.timers).toBeLessThanOrEqual(3)
  })

  it("tries again to open the replacement while somebody waits", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 5_000 })
    transport.silence()
    transport.refuse()
    await host.freeze(5_000)
    const call = watch(redis.get("k"))
    await host.advance(50)

    transport.accept()
    await host.advance(1_001)

    expect(call.state).toBe("resolved")
  })
})

describe("a stalled server", () => {
  it.each(["hanging", "accepting"] as const)("costs no connection while it is %s", async (how) => {
    const { redis, transport, host } = await warm({ connectTimeoutMs: 100 })
    transport.stall(how)
    await host.freeze(5_000)

    const calls = [redis.get("k"), redis.incr("n")].map(watch)
    await host.advance(2_000)

    expect(calls.map(({ fate }) => fate)).toEqual(["unknown", "unsent"])
    expect(transport.connections[0]?.state).toBe("open")
    expect(redis.stats()).toMatchObject({ evicted: 0 })
  })

  it("gets ever fewer connections while it only accepts them, however many ask", async () => {
    const { redis, transport, host } = await warm()
    transport.stall("accepting")
    await host.freeze(5_000)

    for (let n = 0; n < 100; n += 1) {
      watch(redis.get("k"))
      await host.advance(100)
    }

    expect(transport.attempts).toBeGreaterThan(5)
    expect(transport.attempts).toBeLessThan(45)
  })

  it("leaves no background work once nobody waits", async () => {
    const { redis, transport, host } = await warm({ connectTimeoutMs: 100 })
    transport.stall()
    await host.freeze(5_000)
    watch(redis.get("k"))
    await host.advance(2_000)
    const attempts = transport.attempts

    await host.advance(60_000)

    expect(transport.attempts).toBe(attempts)
    expect(host.timers).toBe(0)
  })
})

describe("a silence without a freeze", () => {
  it("lets reads be answered by a new connection before their deadline", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()

    const calls = [redis.get("a"), redis.pipeline().get("b").get("c").exec()].map(watch)
    await host.advance(499)
    const before = transport.attempts
    await host.advance(300)

    expect(before).toBe(1)
    expect(calls.map(({ state }) => state)).toEqual(["resolved", "resolved"])
    expect(redis.stats()).toMatchObject({ shared: 1, evicted: 1 })
  })

  it("gives a write until its deadline to be answered", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()

    const calls = [redis.get("a"), redis.incr("n")].map(watch)
    await host.advance(900)
    const before = transport.attempts
    transport.release()
    await host.settle()

    expect(before).toBe(1)
    expect(calls.map(({ value }) => value)).toEqual([null, 1])
  })

  it("lets an overwrite be sent again where overwrites may be", async () => {
    const { redis, transport, host } = await warm({ retryWrites: "overwrites" })
    transport.silence()

    const call = watch(redis.set("k", "1"))
    await host.advance(800)

    expect(call.value).toBe("OK")
  })

  it("is none while bytes come", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 5_000 })
    await redis.set("k", "x".repeat(10_000))
    transport.trickle(10, 200)

    const call = watch(redis.get("k"))
    await host.advance(2_000)

    expect(call.state).toBe("resolved")
    expect(transport.attempts).toBe(1)
  })

  it("is watched by one timer, and by none once everything is answered", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    for (let n = 0; n < 50; n += 1) watch(redis.get("k"))
    await host.settle()
    const timers = host.timers
    transport.release()
    await host.advance(2_000)

    expect(timers).toBe(2)
    expect(host.timers).toBe(0)
  })
})

describe("timeouts without a freeze", () => {
  it("evict a connection only after a silence, once a new one answered", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()
    const late = watch(redis.incr("n"))

    await host.advance(999)
    const before = transport.attempts
    await host.advance(300)

    expect(late.fate).toBe("unknown")
    expect(before).toBe(1)
    expect(transport.connections.map(({ state }) => state)).toEqual(["closed", "open"])
    expect(redis.stats()).toMatchObject({ evicted: 1 })
  })

  it("leave a connection alone that said anything since", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const late = watch(redis.incr("n"))
    await host.advance(1_050)

    transport.release()
    await host.advance(1_000)

    expect(late.fate).toBe("unknown")
    expect(transport.connections[0]?.state).toBe("open")
    expect(redis.stats()).toMatchObject({ shared: 1, evicted: 0 })
  })

  it("evict nothing when the new connection does not answer either", async () => {
    const { redis, transport, host } = await warm()
    transport.stall("accepting")
    watch(redis.incr("n"))

    await host.advance(5_000)

    expect(redis.stats()).toMatchObject({ evicted: 0 })
    expect(transport.connections[0]?.state).toBe("open")
  })

  it("watch the connection with one timer, however many commands time out", async () => {
    const { redis, transport, host } = await warm()
    transport.stall()
    for (let n = 0; n < 50; n += 1) watch(redis.with({ timeoutMs: 10 + n }).get("k"))

    await host.advance(60)

    expect(host.timers).toBeLessThanOrEqual(3)
  })
})

describe("the life of the shared connection", () => {
  it("ends with its replacement already there, and nothing fails", async () => {
    const { redis, transport, host } = await warm({ maxLifetimeMs: 1_000, validateAfterMs: 60_000 })
    await host.advance(1_200)

    const first = await redis.incr("n")
    await host.settle()
    const second = await redis.incr("n")
    const third = await redis.incr("n")

    expect([first, second, third]).toEqual([1, 2, 3])
    expect(transport.connections.map(({ state }) => state)).toEqual(["closed", "open"])
    expect(redis.stats()).toMatchObject({ shared: 1, opened: 2, closed: 1, evicted: 0 })
  })

  it("goes on until nothing is owed", async () => {
    const { redis, transport, host } = await warm({ maxLifetimeMs: 1_000, validateAfterMs: 60_000 })
    await host.advance(1_200)
    transport.setLatency(10)
    const owed = [watch(redis.incr("n"))]
    await host.advance(15)
    owed.push(watch(redis.incr("n")))
    await host.advance(6)

    owed.push(watch(redis.incr("n")))
    await host.advance(100)

    expect(owed.map(({ value }) => value)).toEqual([1, 2, 3])
    expect(transport.connections[0]?.state).toBe("closed")
  })

  it("goes on when no replacement can be opened, and asks again later", async () => {
    const { redis, transport, host } = await warm({ maxLifetimeMs: 1_000, validateAfterMs: 60_000 })
    await host.advance(1_200)
    transport.refuse()

    await redis.incr("n")
    await redis.incr("n")
    const attempts = transport.attempts
    transport.accept()
    await host.advance(1_100)
    await redis.incr("n")
    await host.settle()

    expect(attempts).toBe(2)
    expect(await redis.incr("n")).toBe(4)
    expect(transport.attempts).toBe(3)
  })

  it("is not the same for all: a fleet does not reconnect at one moment", async () => {
    const lives = new Set<number>()
    for (let n = 0; n < 20; n += 1) {
      const { redis, transport, host } = await warm({ maxLifetimeMs: 1_000, validateAfterMs: 60_000 })
      let lived = 890
      await host.advance(lived)
      while (transport.attempts === 1 && lived < 1_110) {
        await redis.get("k")
        await host.advance(10)
        lived += 10
      }
      lives.add(lived)
    }

    expect(lives.size).toBeGreaterThan(3)
  })
})

describe("an error of the connection", () => {
  it("is the caller's only where nothing else can be done", async () => {
    const { redis, transport, host } = await warm()
    transport.refuse(new ConnectionError("refused by a test"))
    transport.cut()

    const calls = [redis.get("k"), redis.incr("n"), redis.multi().incr("n").exec()].map(watch)
    await host.advance(1_100)

    for (const call of calls) expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
  })

  it("rejects at once when the certificate is wrong", async () => {
    const { redis, transport, host } = await warm()
    const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
    transport.refuse(new ConnectionError("self-signed certificate", { cause }))
    transport.cut()
    await host.settle()

    const call = watch(redis.get("k"))
    await host.settle()

    expect(call).toMatchObject({ error: expect.any(ConnectionError), fate: "unsent" })
  })

  it("never hides what a server said in an answer", async () => {
    const { redis, transport } = await warm()
    transport.answerNext(new ReplyError("OOM command not allowed when used memory > 'maxmemory'."))

    await expect(redis.set("k", "1")).rejects.toThrow("OOM command not allowed")
  })
})

describe("a successor that does not answer", () => {
  it("makes room for another, so that a silence that ends is survived", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 5_000 })
    transport.stall("accepting")
    await host.freeze(5_000)
    const call = watch(redis.get("k"))
    await host.advance(50)

    transport.accept()
    await host.advance(1_500)

    expect(call.state).toBe("resolved")
    expect(redis.stats()).toMatchObject({ shared: 1 })
    expect(transport.open).toHaveLength(1)
  })
})

describe("a connection that falls silent while refused commands wait for its replies", () => {
  it("is suspected all the same, and the lane goes on", async () => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError("LOADING loading"))
    transport.loseReplyOf(2, "silence")
    const calls = [redis.incr("n"), redis.get("k")].map(watch)
    await host.advance(1_500)

    const next = watch(redis.incr("n"))
    await host.advance(500)

    expect(calls.every(({ state }) => state !== "pending")).toBe(true)
    expect(next.state).toBe("resolved")
  })

  it("is doubted after a freeze, and nothing overtakes what was refused", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 60_000 })
    transport.answerNext(new ReplyError("LOADING loading"))
    transport.loseReplyOf(2, "silence")
    const calls = [redis.rpush("l", "first"), redis.get("k")].map(watch)
    await host.settle()
    await host.freeze(5_000)

    calls.push(watch(redis.lrange("l", 0, -1)))
    await host.advance(500)

    expect(calls.map(({ value }) => value)).toEqual([1, null, ["first"]])
  })
})
