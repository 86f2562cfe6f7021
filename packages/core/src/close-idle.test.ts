import { describe, expect, it, vi } from "vitest"
import { cold, forget, lines, type Watched, warm, watch } from "./client.fixture.ts"
import { closeIdle, isOpen } from "./close-idle.ts"
import { lazyRedis } from "./create-redis.ts"
import { ArgumentError } from "./errors.ts"
import type { FakeHost } from "./testing/fake-host.ts"

const NOTHING_LEFT = { connections: 0, pending: false }

/** Lets what is under way end, the time that a silent server is given included. */
async function ended(closing: Promise<unknown>, host: FakeHost): Promise<Watched> {
  const watched = watch(closing)
  await host.settle()
  await host.advance(100)
  await host.settle()
  return watched
}

describe("closeIdle", () => {
  it("closes the shared connection, and the next command opens another", async () => {
    const { redis, transport, host } = await warm()

    const closing = await ended(closeIdle(redis, "all"), host)
    const after = redis.stats()
    const reply = watch(redis.set("k", "v"))
    await host.settle()

    expect(closing).toMatchObject({ state: "resolved", value: NOTHING_LEFT })
    expect(after).toMatchObject({ shared: 0, opened: 1, closed: 1, evicted: 0 })
    expect(reply).toMatchObject({ state: "resolved", value: "OK" })
    expect(transport.connections).toHaveLength(2)
  })

  it("leaves the shared connection where only leased ones are to go", async () => {
    const { redis, host } = await warm()
    const lease = redis.use((one) => one.get("k"))
    await host.settle()
    await lease

    const closing = await ended(closeIdle(redis, "leased"), host)

    expect(closing.value).toEqual(NOTHING_LEFT)
    expect(redis.stats()).toMatchObject({ shared: 1, idle: 0, opened: 2, closed: 1 })
  })

  it("keeps what is in use: a lease that is held, and a command without its reply", async () => {
    const { redis, transport, host } = await warm()
    const acquiring = redis.acquire()
    await host.settle()
    const lease = await acquiring
    transport.hold()
    const reply = watch(redis.get("k"))
    await host.settle()

    const closing = await ended(closeIdle(redis, "all"), host)

    expect(closing.value).toEqual({ connections: 2, pending: true })
    expect(reply.state).toBe("pending")
    transport.release()
    await host.settle()
    expect(reply.state).toBe("resolved")
    await lease.release()
    await redis.close()
  })

  it("does not lose a command that comes while it closes", async () => {
    const { redis, transport, host } = await warm()
    forget(transport)

    const closing = watch(closeIdle(redis, "all"))
    const reply = watch(redis.incr("counter"))
    await host.settle()
    await host.advance(100)
    await host.settle()

    expect(reply).toMatchObject({ state: "resolved", value: 1 })
    expect(lines(transport).filter((line) => line.startsWith("INCR"))).toHaveLength(1)
    expect(closing.state).toBe("resolved")
  })

  it("opens another only when the server has let go of the one before", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const closing = watch(closeIdle(redis, "all"))

    const reply = watch(redis.get("k"))
    await host.settle()
    const during = transport.connections.length
    transport.release()
    transport.cut()
    await host.settle()

    expect(during).toBe(1)
    expect([closing.state, reply.state]).toEqual(["resolved", "resolved"])
    expect(transport.connections).toHaveLength(2)
  })

  it("drops a connection whose server does not let go of it", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()

    const closing = await ended(closeIdle(redis, "all"), host)

    expect(closing.value).toEqual(NOTHING_LEFT)
    expect(redis.stats()).toMatchObject({ shared: 0, closed: 1 })
  })

  it("opens nothing on a client that was never used", async () => {
    const { redis, transport } = cold()

    expect(await closeIdle(redis, "all")).toEqual(NOTHING_LEFT)
    expect(transport.connections).toHaveLength(0)
  })

  it("takes nothing but a client", () => {
    expect(() => closeIdle({} as never, "all")).toThrow(ArgumentError)
  })
})

describe("isOpen", () => {
  it("is false from drain or close on", async () => {
    const [one, other] = [cold(), cold()]
    const before = [isOpen(one.redis), isOpen(other.redis)]

    void one.redis.drain()
    void other.redis.close()

    expect(before).toEqual([true, true])
    expect([isOpen(one.redis), isOpen(other.redis)]).toEqual([false, false])
  })

  it("does not make the parts of a client that was never used", () => {
    const options = vi.fn()

    expect(isOpen(lazyRedis(options))).toBe(true)
    expect(options).not.toHaveBeenCalled()
  })
})
