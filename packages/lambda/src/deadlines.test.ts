import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { createRedis, type Redis, withRedis } from "./index.ts"

const LEFT_MS = 800
const RESERVE_MS = 500

let server: RedisServer
let proxy: FaultProxy

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ target: server })
})

afterAll(async () => {
  await proxy.close()
  await server.close()
})

/** A client whose server was there and now is silent, for old connections and for new ones. */
async function silenced(): Promise<Redis> {
  await proxy.heal()
  const redis = createRedis({ url: proxy.url(), commandTimeoutMs: 10_000, reserveMs: RESERVE_MS })
  await redis.ping()
  proxy.silence({ newConnections: "silent" })
  return redis
}

/** When an invocation answered: ms since it began. */
async function timed<T>(work: Promise<T>): Promise<{ outcome: T | Error; tookMs: number }> {
  const startedAt = performance.now()
  const outcome = await work.catch((error: Error) => error)
  return { outcome, tookMs: performance.now() - startedAt }
}

describe("an invocation whose Redis is silent", () => {
  it("answers with an error while it still has time, less the reserve", async () => {
    const redis = await silenced()

    const { outcome, tookMs } = await timed(withRedis(redis, () => redis.get("key"))({}, contextOf(LEFT_MS)))

    expect(outcome).toMatchObject({ name: "TimeoutError" })
    expect(tookMs).toBeGreaterThan(LEFT_MS - RESERVE_MS - 20)
    expect(tookMs).toBeLessThan(LEFT_MS)
    await redis.close()
  })

  it("answers in time whatever was not awaited: writes, leases, blocking commands", async () => {
    const redis = await silenced()
    const handler = withRedis(redis, async () => {
      void redis.incr("counter")
      void redis.blpop("queue", 0)
      void redis.acquire()
      return "answer"
    })

    const { outcome, tookMs } = await timed(handler({}, contextOf(LEFT_MS)))

    expect(outcome).toBe("answer")
    expect(tookMs).toBeLessThan(LEFT_MS)
    await redis.close()
  })

  it("sends nothing when no more than the reserve is left", async () => {
    await proxy.heal()
    await using redis = createRedis({ url: proxy.url(), reserveMs: RESERVE_MS })
    await redis.ping()

    const failed = withRedis(redis, () => redis.incr("late"))({}, contextOf(RESERVE_MS - 50))

    await expect(failed).rejects.toMatchObject({
      fate: "unsent",
      message: expect.stringMatching(
        /^INCR was not sent in \d+ ms: the invocation has no more than reserveMs left$/,
      ),
    })
    expect(await server.command("EXISTS", "late")).toBe(0)
  })

  it("keeps the reserve that it is given", async () => {
    await proxy.heal()
    await using redis = createRedis({ url: proxy.url(), reserveMs: 10 })

    expect(await withRedis(redis, () => redis.incr("reserved"))({}, contextOf(RESERVE_MS - 50))).toBe(1)
  })

  it("does not shorten what is done outside it", async () => {
    await proxy.heal()
    await using redis = createRedis({ url: proxy.url() })
    const late = withRedis(redis, () => redis.ping())({}, contextOf(0))
    await expect(late).rejects.toMatchObject({ name: "TimeoutError" })

    expect(await redis.ping()).toBe("PONG")
  })
})
