import { describe, expect, it } from "vitest"
import { FakeScope, record, warm, watch } from "./client.fixture.ts"
import { ConnectionError } from "./errors.ts"

async function acquireHere(redis: Awaited<ReturnType<typeof warm>>["redis"]) {
  return redis.acquire()
}

describe("a lease held too long", () => {
  it("is reported when the next one is acquired, with the stack that acquired it, once", async () => {
    const { redis, host } = await warm({ leakWarnAfterMs: 1_000, validateAfterMs: 100_000 })
    const leaks = record(redis, "leak")
    const lease = await acquireHere(redis)
    await host.advance(1_001)

    await (await redis.acquire()).release()
    await (await redis.acquire()).release()
    await lease.release()

    expect(leaks).toEqual([
      { id: lease.connection.id, heldMs: 1_001, stack: expect.stringContaining("acquireHere") },
    ])
  })

  it("is reported when it comes back, if nobody came before", async () => {
    const { redis, host } = await warm({ leakWarnAfterMs: 1_000 })
    const leaks = record(redis, "leak")
    const lease = await redis.acquire()
    await host.advance(1_001)

    await lease.release()

    expect(leaks).toHaveLength(1)
  })

  it("is reported without a stack when nobody listened as it was acquired: a stack is not free", async () => {
    const { redis, host } = await warm({ leakWarnAfterMs: 1_000 })
    const lease = await acquireHere(redis)
    const leaks = record(redis, "leak")
    await host.advance(1_001)

    await lease.release()

    expect(leaks).toEqual([expect.objectContaining({ stack: expect.stringContaining("nobody listened") })])
  })

  it("is no leak when a blocking command holds it: that comes back by itself", async () => {
    const { redis, host } = await warm({ leakWarnAfterMs: 1_000 })
    const leaks = record(redis, "leak")
    const call = watch(redis.blpop("l", 5))
    await host.advance(3_000)

    await (await redis.acquire()).release()
    await host.advance(3_000)

    expect(call.state).not.toBe("pending")
    expect(leaks).toEqual([])
  })

  it("is not reported when it was not too long", async () => {
    const { redis, host } = await warm({ leakWarnAfterMs: 1_000 })
    const leaks = record(redis, "leak")
    const lease = await redis.acquire()
    await host.advance(1_000)

    await lease.release()

    expect(leaks).toEqual([])
  })

  it("runs no timer", async () => {
    const { redis, host } = await warm()
    await host.advance(5_000)

    await redis.acquire()

    expect(host.timers).toBe(0)
  })
})

describe("a lease of an invocation that has ended", () => {
  it("is taken back with a leak event, and refuses commands", async () => {
    const { redis, host } = await warm()
    const leaks = record(redis, "leak")
    const scope = new FakeScope()
    host.current = scope
    const lease = await acquireHere(redis)
    host.current = undefined

    scope.end()
    await host.settle()

    expect(leaks).toEqual([expect.objectContaining({ stack: expect.stringContaining("acquireHere") })])
    expect(redis.stats()).toMatchObject({ leased: 0, idle: 1 })
    await expect(lease.get("k")).rejects.toThrow(ConnectionError)
  })

  it("is taken back even if it was still being acquired then", async () => {
    const { redis, transport, host } = await warm()
    transport.hang()
    const scope = new FakeScope()
    host.current = scope
    const call = watch(redis.acquire())
    host.current = undefined
    await host.settle()

    scope.end()
    transport.accept()
    await host.settle()

    expect(call.state).toBe("resolved")
    expect(redis.stats()).toMatchObject({ leased: 0, idle: 1 })
  })

  it("is nobody else's business: leases of other invocations stay", async () => {
    const { redis, host } = await warm()
    const [first, second] = [new FakeScope(), new FakeScope()]
    host.current = first
    await redis.acquire()
    host.current = second
    const other = await redis.acquire()
    host.current = undefined

    first.end()
    await host.settle()

    expect(await other.ping()).toBe("PONG")
    expect(redis.stats()).toMatchObject({ leased: 1, idle: 1 })
  })

  it("was given back in time by a good citizen: nothing is reported", async () => {
    const { redis, host } = await warm()
    const leaks = record(redis, "leak")
    const scope = new FakeScope()
    host.current = scope
    await redis.use((lease) => lease.ping())
    host.current = undefined

    scope.end()
    await host.settle()

    expect(leaks).toEqual([])
  })
})

describe("the lease event", () => {
  it("tells which connection was leased and how long the caller waited", async () => {
    const { redis, host } = await warm({ max: 2 })
    const leases = record(redis, "lease")
    const held = await redis.acquire()
    const call = watch(redis.acquire())
    await host.advance(100)

    await held.release()
    await host.settle()

    expect(call.state).toBe("resolved")
    expect(leases).toEqual([
      { id: 2, waitedMs: 0 },
      { id: 2, waitedMs: 100 },
    ])
  })
})
