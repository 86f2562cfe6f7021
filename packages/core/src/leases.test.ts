import { describe, expect, it } from "vitest"
import { type Bench, cold, forget, lines, warm, watch } from "./client.fixture.ts"
import { AcquireTimeoutError, ConfigError, ConnectionError, PoolClosedError, ReplyError } from "./errors.ts"
import type { Lease } from "./redis.ts"

/** As many leases as asked for, all held. */
async function hold({ redis }: Bench, count: number): Promise<Lease[]> {
  return Promise.all(Array.from({ length: count }, () => redis.acquire()))
}

const ids = (leases: readonly Lease[]): number[] => leases.map(({ connection }) => connection.id)

describe("acquire", () => {
  it("opens a connection when none is idle, beside the shared one", async () => {
    const bench = await warm()

    const [lease] = await hold(bench, 1)

    expect(await lease?.ping()).toBe("PONG")
    expect(bench.redis.stats()).toMatchObject({ shared: 1, leased: 1, idle: 0, opened: 2 })
  })

  it("leases the connection that is idle for the shortest time", async () => {
    const bench = await warm()
    const leases = await hold(bench, 3)
    for (const lease of leases) await lease.release()

    const again = await hold(bench, 2)

    expect(ids(again)).toEqual(ids(leases).toReversed().slice(0, 2))
    expect(bench.redis.stats()).toMatchObject({ leased: 2, idle: 1 })
  })

  it("gives released connections to those who waited longest", async () => {
    const bench = await warm({ max: 2 })
    const [held] = await hold(bench, 1)
    const order: string[] = []
    const waiters = ["first", "second", "third"].map(async (name) => {
      const lease = await bench.redis.acquire()
      order.push(name)
      await lease.release()
    })

    await held?.release()
    await Promise.all(waiters)

    expect(order).toEqual(["first", "second", "third"])
    expect(bench.transport.attempts).toBe(2)
  })

  it("never opens more than max in all", async () => {
    const bench = await warm({ max: 3, acquireTimeoutMs: 50 })

    const calls = Array.from({ length: 10 }, () => watch(bench.redis.acquire()))
    await bench.host.advance(60)

    expect(calls.filter(({ state }) => state === "resolved")).toHaveLength(2)
    expect(bench.transport.open).toHaveLength(3)
    expect(bench.redis.stats()).toMatchObject({ shared: 1, leased: 2, waiting: 0 })
  })

  it("rejects after acquireTimeoutMs, nothing sent, and says what to change", async () => {
    const bench = await warm({ max: 2, acquireTimeoutMs: 300 })
    await hold(bench, 1)

    const call = watch(bench.redis.acquire())
    await bench.host.advance(299)
    const before = call.state
    await bench.host.advance(1)

    expect(before).toBe("pending")
    expect(call.error).toBeInstanceOf(AcquireTimeoutError)
    expect(call.error).toMatchObject({ fate: "unsent", waitedMs: 300 })
    expect(call.error?.message).toBe("no lease in 300 ms (1 of 1 leased): raise max, or release sooner")
  })

  it("names what kept the connection from opening", async () => {
    const { redis, transport, host } = cold()
    transport.refuse(new ConnectionError("refused by a test"))

    const call = watch(redis.acquire())
    await host.advance(1_100)

    expect(call.error).toBeInstanceOf(AcquireTimeoutError)
    expect(call.error?.cause).toMatchObject({ message: "refused by a test" })
  })

  it("succeeds once the server is back", async () => {
    const { redis, transport, host } = cold({ acquireTimeoutMs: 5_000 })
    transport.refuse()
    const call = watch(redis.acquire())
    await host.advance(200)

    transport.accept()
    await host.advance(1_001)

    expect(call.state).toBe("resolved")
  })

  it("rejects at once with the server's words when the handshake is refused", async () => {
    const { redis, transport, host } = cold()
    transport.refuseHandshake(new ReplyError("WRONGPASS invalid username-password pair"))

    const call = watch(redis.acquire())
    await host.settle()

    expect(call.error?.message).toBe("WRONGPASS invalid username-password pair")
  })

  it("lets at most maxWaiters wait", async () => {
    const bench = await warm({ max: 2, maxWaiters: 2 })
    await hold(bench, 1)

    const calls = Array.from({ length: 3 }, () => watch(bench.redis.acquire()))
    await bench.host.settle()

    expect(calls.map(({ state }) => state)).toEqual(["pending", "pending", "rejected"])
    expect(calls[2]?.error).toBeInstanceOf(AcquireTimeoutError)
    expect(calls[2]?.error?.message).toContain("maxWaiters")
    expect(bench.redis.stats()).toMatchObject({ waiting: 2 })
  })

  it("lets nobody wait with maxWaiters: 0, and still leases what is free", async () => {
    const bench = await warm({ max: 3, maxWaiters: 0 })

    const calls = Array.from({ length: 3 }, () => watch(bench.redis.acquire()))
    await bench.host.settle()

    expect(calls.map(({ state }) => state)).toEqual(["resolved", "resolved", "rejected"])
  })

  it("refuses with max: 1, naming the fix", async () => {
    const { redis } = cold({ max: 1 })

    await expect(redis.acquire()).rejects.toThrow(ConfigError)
    await expect(redis.acquire()).rejects.toThrow("set max to 2 or more")
    await expect(redis.blpop("l", 0)).rejects.toThrow("set max to 2 or more")
  })

  it("is abandoned by an abort, and the connection under way joins the pool", async () => {
    const { redis, transport, host } = await warm()
    const abort = new AbortController()
    transport.hang()
    const call = watch(redis.with({ signal: abort.signal }).acquire())
    await host.settle()

    abort.abort(new Error("gave up"))
    await host.settle()
    transport.accept()
    await host.settle()

    expect(call.error?.message).toBe("gave up")
    expect(redis.stats()).toMatchObject({ idle: 1, leased: 0, waiting: 0 })
  })

  it("rejects at once when its signal has aborted already", async () => {
    const { redis } = cold()

    const call = redis.with({ signal: AbortSignal.abort(new Error("gave up")) }).acquire()

    await expect(call).rejects.toThrow("gave up")
  })
})

describe("an idle connection", () => {
  it("is validated when it was silent, and leased again when it answers", async () => {
    const bench = await warm()
    const [lease] = await hold(bench, 1)
    await lease?.release()
    await bench.host.freeze(5_000)
    forget(bench.transport)

    await hold(bench, 1)

    expect(lines(bench.transport)).toEqual(["PING"])
    expect(bench.transport.attempts).toBe(2)
  })

  it("is replaced when it does not answer in time", async () => {
    const bench = await warm({ validateTimeoutMs: 50 })
    const [lease] = await hold(bench, 1)
    await lease?.release()
    bench.transport.silence()
    await bench.host.freeze(5_000)

    const call = watch(bench.redis.acquire())
    await bench.host.advance(49)
    const before = call.state
    await bench.host.advance(1)

    expect(before).toBe("pending")
    expect(call.state).toBe("resolved")
    expect(bench.redis.stats()).toMatchObject({ leased: 1, idle: 0, evicted: 1, opened: 3 })
  })

  it("that the server closed is forgotten, and another opened", async () => {
    const bench = await warm()
    const [lease] = await hold(bench, 1)
    await lease?.release()
    bench.transport.cut()
    await bench.host.settle()

    const [next] = await hold(bench, 1)

    expect(await next?.ping()).toBe("PONG")
    expect(bench.redis.stats()).toMatchObject({ leased: 1, idle: 0 })
  })

  it("that is lost while it is validated leaves room for one other, not for two", async () => {
    const bench = await warm({ max: 3 })
    for (let round = 0; round < 5; round += 1) {
      const [lease] = await hold(bench, 1)
      await lease?.release()
      await bench.host.freeze(5_000)
      bench.transport.loseReplyOf(1)
      await (await bench.redis.acquire()).release()
    }

    const calls = Array.from({ length: 5 }, () => watch(bench.redis.acquire()))
    await bench.host.settle()

    expect(calls.filter(({ state }) => state === "resolved")).toHaveLength(2)
    expect(bench.transport.open).toHaveLength(3)
  })

  it("is closed, unused for idleTimeoutMs, when the pool is next used", async () => {
    const bench = await warm({ idleTimeoutMs: 1_000, validateAfterMs: 100_000 })
    const leases = await hold(bench, 3)
    for (const lease of leases) await lease.release()
    await bench.host.advance(1_001)

    await (await bench.redis.acquire()).release()
    await bench.host.settle()

    expect(bench.redis.stats()).toMatchObject({ idle: 1, leased: 0, evicted: 0, closed: 2 })
  })

  it("is kept for nobody where connections are not persistent: another may wait for what it holds", async () => {
    const bench = cold({ max: 2 }, { traits: { persistent: false } })
    const [held] = await hold(bench, 1)
    const waiting = bench.redis.acquire()

    await held?.release()
    const next = await waiting
    const kept = bench.transport.open.length
    await next.release()
    await bench.host.settle()

    expect([next.connection.id === held?.connection.id, kept]).toEqual([true, 1])
    expect(bench.redis.stats()).toMatchObject({ idle: 0, leased: 0, evicted: 0, closed: 1 })
    await (await bench.redis.acquire()).release()
  })

  it("that has lived for maxLifetimeMs is closed and replaced", async () => {
    const bench = await warm({ maxLifetimeMs: 1_000, validateAfterMs: 100_000 })
    await (await bench.redis.acquire()).release()
    await bench.host.advance(1_101)

    const [lease] = await hold(bench, 1)

    expect(lease?.connection.id).toBe(3)
    expect(bench.redis.stats()).toMatchObject({ leased: 1, idle: 0, evicted: 0 })
  })
})

describe("the end of the client", () => {
  it("rejects those who wait", async () => {
    const bench = await warm({ max: 2 })
    await hold(bench, 1)
    const call = watch(bench.redis.acquire())
    await bench.host.settle()

    await bench.redis.close()
    await bench.host.settle()

    expect(call).toMatchObject({ error: expect.any(PoolClosedError) })
    expect(call.error).toMatchObject({ fate: "unsent" })
  })

  it.each(["close", "drain"] as const)(
    "rejects one whose connection is just being validated: %s",
    async (how) => {
      const bench = await warm()
      await (await bench.redis.acquire()).release()
      await bench.host.freeze(5_000)
      bench.transport.hold()
      const call = watch(bench.redis.acquire())
      await bench.host.settle()

      const closed = watch(bench.redis[how]())
      bench.transport.release()
      await bench.host.settle()

      expect(call.error).toBeInstanceOf(PoolClosedError)
      expect(closed.state).toBe("resolved")
      expect(bench.transport.open).toEqual([])
      expect(bench.host.timers).toBe(0)
    },
  )

  it("rejects one whose connection is just being opened", async () => {
    const bench = await warm()
    bench.transport.hang()
    const call = watch(bench.redis.acquire())
    await bench.host.settle()

    await bench.redis.close()
    await bench.host.settle()

    expect(call.error).toBeInstanceOf(PoolClosedError)
    expect(bench.transport.connecting).toBe(0)
    expect(bench.host.timers).toBe(0)
  })

  it("rejects whoever comes later", async () => {
    const { redis } = await warm()
    await redis.close()

    await expect(redis.acquire()).rejects.toThrow(PoolClosedError)
    await expect(redis.use(() => 1)).rejects.toThrow(PoolClosedError)
  })
})
