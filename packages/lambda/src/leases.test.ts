import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { createRedis, type Lease, withRedis } from "./index.ts"

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})

afterAll(() => server.close())

describe("a lease that an invocation does not give back", () => {
  it("is taken back at its end, and reported with the stack that acquired it", async () => {
    await using redis = createRedis({ url: server.url, max: 2 })
    const leaks: { stack: string }[] = []
    redis.on("leak", (leak) => leaks.push(leak))
    let kept: Lease | undefined
    const leaky = withRedis(redis, async function keepsItsLease() {
      kept = await redis.acquire()
      await kept.select(3)
      return kept.ping()
    })

    expect(await leaky({}, contextOf(3_000))).toBe("PONG")

    expect(leaks).toEqual([expect.objectContaining({ stack: expect.stringContaining("keepsItsLease") })])
    await expect(kept?.ping()).rejects.toMatchObject({ fate: "unsent" })
    expect(await redis.use((lease) => lease.ping())).toBe("PONG")
  })

  it("is taken back when the handler fails", async () => {
    await using redis = createRedis({ url: server.url, max: 2 })
    const failing = withRedis(redis, async () => {
      await redis.acquire()
      throw new Error("mine")
    })

    await expect(failing({}, contextOf(3_000))).rejects.toThrow("mine")

    expect(await redis.use((lease) => lease.ping())).toBe("PONG")
  })

  it("is taken back when it was granted only after the end", async () => {
    await using redis = createRedis({ url: server.url, max: 2 })
    const outside = await redis.acquire()
    let late: Promise<Lease> | undefined
    const impatient = withRedis(redis, async () => {
      late = redis.acquire()
    })

    await impatient({}, contextOf(3_000))
    await outside.release()
    const lease = await late

    await expect(lease?.ping()).rejects.toMatchObject({ fate: "unsent" })
    expect(await redis.use((other) => other.ping())).toBe("PONG")
  })

  it("is not reported when it was given back", async () => {
    await using redis = createRedis({ url: server.url })
    const leaks: unknown[] = []
    redis.on("leak", (leak) => leaks.push(leak))

    await withRedis(redis, () => redis.use((lease) => lease.ping()))({}, contextOf(3_000))

    expect(leaks).toEqual([])
  })

  it("stays with whoever leased it outside the invocation", async () => {
    await using redis = createRedis({ url: server.url })
    await using mine = await redis.acquire()

    await withRedis(redis, () => redis.ping())({}, contextOf(3_000))

    expect(await mine.ping()).toBe("PONG")
  })
})
