import { createRedis, OutcomeUnknownError } from "@warmpool/core"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import {
  BurstyRateLimiter,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRedisNonAtomic,
  RateLimiterRes,
} from "rate-limiter-flexible"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { limiterClient } from "./limiter-client.ts"
import { type Opened, WAYS } from "./ways.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

describe.each(WAYS)("rate-limiter-flexible over $name", ({ open }) => {
  let opened: Opened
  let limiter: RateLimiterRedis
  beforeEach(async () => {
    await server.command("FLUSHALL")
    opened = await open(server)
    limiter = new RateLimiterRedis({ storeClient: limiterClient(opened.redis), points: 5, duration: 60 })
  })
  afterEach(() => opened.close())

  it("counts points down and rejects with the time to wait", async () => {
    const first = await limiter.consume("user")
    await limiter.consume("user", 4)

    const refused = await limiter.consume("user").catch((error: unknown) => error)

    expect(first).toMatchObject({ consumedPoints: 1, remainingPoints: 4, isFirstInDuration: true })
    expect(refused).toBeInstanceOf(RateLimiterRes)
    expect(refused).toMatchObject({ consumedPoints: 6, remainingPoints: 0, isFirstInDuration: false })
    expect((refused as RateLimiterRes).msBeforeNext).toBeGreaterThan(50_000)
  })

  it("lets exactly its points through, of many callers at once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => limiter.consume("crowd")))

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5)
  })

  it("reads, sets, rewards, penalises and deletes", async () => {
    expect(await limiter.get("user")).toBe(null)
    await limiter.set("user", 3, 30)
    await limiter.penalty("user", 2)
    await limiter.reward("user", 1)

    expect(await limiter.get("user")).toMatchObject({ consumedPoints: 4, remainingPoints: 1 })
    expect(await limiter.delete("user")).toBe(true)
    expect(await limiter.delete("user")).toBe(false)
  })

  it("blocks a key, with a time and for good", async () => {
    await limiter.block("user", 30)
    await limiter.block("enemy", 0)

    await expect(limiter.consume("user")).rejects.toBeInstanceOf(RateLimiterRes)
    expect(await server.command("PTTL", "rlflx:enemy")).toBe(-1)
  })

  it("counts without an end", async () => {
    const endless = new RateLimiterRedis({
      storeClient: limiterClient(opened.redis),
      points: 2,
      duration: 0,
      keyPrefix: "endless",
    })

    await endless.consume("user", 2)

    await expect(endless.consume("user")).rejects.toMatchObject({ consumedPoints: 3, msBeforeNext: -1 })
  })

  it("allows bursts beside it", async () => {
    const burst = new RateLimiterRedis({
      storeClient: limiterClient(opened.redis),
      points: 2,
      duration: 60,
      keyPrefix: "burst",
    })
    const bursty = new BurstyRateLimiter(limiter, burst)

    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => bursty.consume("user")))

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(7)
  })

  it("needs nothing of ours where it runs no script", async () => {
    const simple = new RateLimiterRedisNonAtomic({ storeClient: opened.redis, points: 2, duration: 60 })

    await simple.consume("user")
    await simple.consume("user")

    await expect(simple.consume("user")).rejects.toMatchObject({ consumedPoints: 3 })
    expect(await simple.get("user")).toMatchObject({ consumedPoints: 3 })
  })
})

describe("rate-limiter-flexible without a server", () => {
  it.each(WAYS)("turns to its insurance over $name", async ({ open }) => {
    await using gone = await startRedis()
    const opened = await open(gone)
    await gone.kill()
    const limiter = new RateLimiterRedis({
      storeClient: limiterClient(opened.redis.with({ timeoutMs: 200 })),
      points: 5,
      duration: 60,
      insuranceLimiter: new RateLimiterMemory({ points: 1, duration: 60 }),
    })

    await limiter.consume("user")

    await expect(limiter.consume("user")).rejects.toBeInstanceOf(RateLimiterRes)
    await opened.close()
  })
})

describe.each(transports)("rate-limiter-flexible over a network that fails, $name", ({ name, open }) => {
  it("counts a point once although the reply was lost, and says that it may have", async () => {
    await using proxy = await startFaultProxy({ target: server })
    await using redis = createRedis({ transport: open(proxy.url()) })
    const limiter = new RateLimiterRedis({
      storeClient: limiterClient(redis),
      points: 5,
      duration: 60,
      keyPrefix: `lost over ${name}`,
    })
    await limiter.consume("user")

    proxy.dropReply({ command: "evalsha", and: "reset" })
    const lost = await limiter.consume("user").catch((error: unknown) => error)

    expect(lost).toBeInstanceOf(OutcomeUnknownError)
    expect(await limiter.get("user")).toMatchObject({ consumedPoints: 2 })
  })
})
