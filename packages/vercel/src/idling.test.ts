import { setTimeout as sleep } from "node:timers/promises"
import { waitUntil } from "@vercel/functions"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { createRedis, type Redis, type VercelRedisOptions } from "./node.ts"
import { isSettled, Platform } from "./platform.fixture.ts"

let server: RedisServer
let platform: Platform
const made: Redis[] = []

beforeAll(async () => {
  server = await startRedis()
})

afterAll(async () => {
  await server.close()
})

beforeEach(() => {
  platform = new Platform()
})

afterEach(async () => {
  platform[Symbol.dispose]()
  for (const redis of made.splice(0)) await redis.close()
})

function client(options: VercelRedisOptions): Redis {
  const redis = createRedis({ url: server.url, ...options })
  made.push(redis)
  return redis
}

async function connected(name: string): Promise<number> {
  return (await server.clients()).filter((one) => one["name"] === name).length
}

describe("the last request", () => {
  it("waits until the connections are off the server's list, and the next one opens another", async () => {
    const redis = client({ name: "close" })

    const { answer, waits } = platform.request(() => redis.incr("n"))
    await answer
    const during = await connected("close")
    await Promise.all(waits)
    const after = await connected("close")
    const next = platform.request(() => redis.incr("n"))

    expect(await answer).toBe(1)
    expect([waits.length, during, after]).toEqual([1, 1, 0])
    expect(await next.answer).toBe(2)
    await Promise.all(next.waits)
  })

  it("waits once for however many commands, and for each client on its own", async () => {
    const quick = client({ name: "quick", lingerMs: 10 })
    const slow = client({ name: "slow", lingerMs: 2_000 })

    const { answer, waits } = platform.request(async () => {
      await Promise.all([quick.ping(), quick.ping()])
      await quick.ping()
      await slow.ping()
    })
    await answer
    const [ofQuick, ofSlow] = waits
    await ofQuick
    const between = [
      await connected("quick"),
      await connected("slow"),
      await isSettled(ofSlow as Promise<unknown>),
    ]
    await ofSlow

    expect(waits).toHaveLength(2)
    expect(between).toEqual([0, 1, false])
    expect(await connected("slow")).toBe(0)
  })

  it("leaves the shared connection open where only surplus is to go", async () => {
    const redis = client({ name: "surplus", onIdle: "surplus", lingerMs: 10 })

    const { answer, waits } = platform.request(() =>
      redis.use((lease) => lease.get("k").then(() => redis.get("k"))),
    )
    await answer
    const during = await connected("surplus")
    await Promise.all(waits)

    expect([during, await connected("surplus")]).toEqual([2, 1])
  })

  it("leaves all open where all are kept, and waits for commands that nobody awaits", async () => {
    const redis = client({ name: "keep", onIdle: "keep" })
    await redis.ping()

    const { answer, waits } = platform.request(async () => void redis.incr("forgotten"))
    await answer
    await Promise.all(waits)

    expect(waits).toHaveLength(1)
    expect(await server.command("GET", "forgotten")).toBe("1")
    expect(await connected("keep")).toBe(1)
  })

  it("waits for a command that takes long, and for a lease that is held", async () => {
    const redis = client({ name: "held", lingerMs: 10 })

    const { answer, waits } = platform.request(async () => {
      const popped = redis.blpop("list", 5)
      const lease = await redis.acquire()
      return { popped, lease }
    })
    const { popped, lease } = await answer
    await sleep(100)
    const held = await isSettled(waits[0] as Promise<unknown>)
    await server.command("RPUSH", "list", "item")
    await lease.release()
    await Promise.all(waits)

    expect(held).toBe(false)
    expect(await popped).toEqual(["list", "item"])
    expect(await connected("held")).toBe(0)
  })
})

describe("a request that lasts", () => {
  it("waits once for as long as it uses the client", async () => {
    const redis = client({ name: "lasting", lingerMs: 1_000 })

    const { answer, waits } = platform.request(async () => {
      for (let turn = 0; turn < 60; turn += 1) {
        await redis.ping()
        await sleep(20)
      }
    })
    await answer
    const settledBefore = await isSettled(waits[0] as Promise<unknown>)
    await Promise.all(waits)

    expect(waits).toHaveLength(1)
    expect(settledBefore).toBe(false)
    expect(await connected("lasting")).toBe(0)
  })
})

describe("an earlier request", () => {
  it("waits together with those at the same time", async () => {
    const redis = client({ name: "together" })

    const runs = Array.from({ length: 20 }, () => platform.request(() => redis.ping()))
    await Promise.all(runs.flatMap(({ answer, waits }) => [answer, ...waits]))

    expect(await connected("together")).toBe(0)
    expect(redis.stats().opened).toBe(1)
  })

  it("is relieved by a later one, which waits in its place", async () => {
    const redis = client({ name: "relieved", lingerMs: 500 })
    const first = platform.request(() => redis.ping())
    await first.answer

    const later: Promise<unknown>[] = []
    let settledBefore = false
    void Promise.all(first.waits).then(async () => {
      settledBefore = true
    })
    while (!settledBefore) {
      const run = platform.request(() => redis.ping())
      later.push(...run.waits)
      await run.answer
      await sleep(5)
    }

    expect(redis.stats().shared).toBe(1)
    expect(await isSettled(later.at(-1) as Promise<unknown>)).toBe(false)
    await Promise.all(later)
    expect(await connected("relieved")).toBe(0)
  })
})

describe("outside a request, or where the platform has no waitUntil", () => {
  it("connections stay", async () => {
    const redis = client({ name: "outside", lingerMs: 5 })

    await redis.ping()
    await sleep(50)

    expect(redis.stats().shared).toBe(1)
  })
})

describe("beside @vercel/functions", () => {
  it("both wait in the same request", async () => {
    const redis = client({ name: "both" })
    const own = Promise.resolve("own")

    const { answer, waits } = platform.request(async () => {
      waitUntil(own)
      await redis.ping()
    })
    await answer
    await Promise.all(waits)

    expect(waits[0]).toBe(own)
    expect(waits).toHaveLength(2)
    expect(await connected("both")).toBe(0)
  })
})
