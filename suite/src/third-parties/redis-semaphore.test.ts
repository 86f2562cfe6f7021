import { type RedisServer, startRedis } from "@warmpool/local"
import type { Redis as IoRedis } from "ioredis"
import { LostLockError, MultiSemaphore, Mutex, Semaphore } from "redis-semaphore"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { type Opened, WAYS } from "./ways.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

const BRIEF = { acquireTimeout: 60, retryInterval: 10 }
const PATIENT = { acquireTimeout: 15_000, retryInterval: 10 }

describe.each(WAYS)("redis-semaphore over $name", ({ open }) => {
  let opened: Opened
  /** It names ioredis in its types; it needs `set`, `eval` and `evalsha`. */
  let client: IoRedis
  beforeEach(async () => {
    await server.command("FLUSHALL")
    await server.command("SCRIPT", "FLUSH")
    opened = await open(server)
    client = opened.redis as unknown as IoRedis
  })
  afterEach(() => opened.close())

  it("gives a lock to one at a time", async () => {
    const held = new Mutex(client, "lock", BRIEF)
    await held.acquire()

    expect(await new Mutex(client, "lock", BRIEF).tryAcquire()).toBe(false)
    await held.release()
    const next = new Mutex(client, "lock", BRIEF)
    expect(await next.tryAcquire()).toBe(true)
    await next.release()
    expect(await server.command("DBSIZE")).toBe(0)
  })

  it("keeps ten counters of one counter, one after the other", async () => {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const mutex = new Mutex(client, "lock", PATIENT)
        await mutex.acquire()
        const read = Number((await opened.redis.get("count")) ?? 0)
        await opened.redis.set("count", read + 1)
        await mutex.release()
      }),
    )

    expect(await opened.redis.get("count")).toBe("10")
  })

  it("tells who holds a lock that it is lost", async () => {
    const lost = new Promise<LostLockError>((resolve) => {
      const mutex = new Mutex(client, "lock", { ...BRIEF, refreshInterval: 20, onLockLost: resolve })
      void mutex.acquire().then(() => server.command("DEL", "mutex:lock"))
    })

    expect(await lost).toBeInstanceOf(LostLockError)
  })

  it("lets as many in as it has places", async () => {
    const places = [0, 1, 2].map(() => new Semaphore(client, "places", 2, BRIEF))

    const inside = await Promise.all(places.map((place) => place.tryAcquire()))

    expect(inside.filter(Boolean)).toHaveLength(2)
    await Promise.all(places.map((place) => place.release()))
  })

  it("lets in who takes several places at once", async () => {
    const wide = new MultiSemaphore(client, "places", 3, 2, BRIEF)
    await wide.acquire()

    expect(await new MultiSemaphore(client, "places", 3, 2, BRIEF).tryAcquire()).toBe(false)
    await wide.release()
  })
})
