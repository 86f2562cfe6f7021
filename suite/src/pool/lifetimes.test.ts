import { setTimeout as wait } from "node:timers/promises"
import type { EventDetails, Redis } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { nextEvent, useRig } from "../fault/rig.ts"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { Census, connected, untilBlocked, untilServer } from "./census.ts"

const LOAD_MS = rounds({ test: 1_500, soak: 30_000 })
const MAX = 3
const LIFETIME_MS = 100

/** Commands of every lane until told to stop; whatever fails ends it. */
async function load(redis: Redis, goesOn: () => boolean): Promise<number> {
  let sent = 0
  const shared = async () => {
    while (goesOn()) sent += await redis.incr("n").then(() => 1)
  }
  const leased = async () => {
    while (goesOn()) sent += await redis.use((lease) => lease.incr("m")).then(() => 1)
  }
  const blocked = async () => {
    while (goesOn()) sent += await redis.blpop("never", 0.005).then(() => 1)
  }
  await Promise.all([shared(), shared(), leased(), leased(), leased(), blocked()])
  return sent
}

async function acquireForReport(redis: Redis) {
  return redis.acquire()
}

describe.each(transports)("connections over $name", (transport) => {
  const rig = useRig(transport)

  it("are replaced as they grow old, under load, and no command fails", async () => {
    const redis = await rig.warmClient({
      url: rig.server.url,
      max: MAX,
      maxLifetimeMs: LIFETIME_MS,
      commandTimeoutMs: 10_000,
      acquireTimeoutMs: 10_000,
      validateAfterMs: 10_000,
    })
    const lives: number[] = []
    redis.on("close", ({ livedMs }) => lives.push(livedMs))
    const evicted: unknown[] = []
    redis.on("evict", (detail) => evicted.push(detail))
    await using census = new Census(rig.server)
    const end = Date.now() + LOAD_MS

    const sent = await load(redis, () => Date.now() < end)

    expect(sent).toBeGreaterThan(100)
    expect(census.most).toBeLessThanOrEqual(MAX + 1)
    expect(evicted).toEqual([])
    expect(lives.length).toBeGreaterThan(MAX * 3)
    // Ten per cent either way: a busy machine makes none of them shorter.
    const shortest = Math.min(...lives)
    expect(shortest).toBeGreaterThanOrEqual(0.9 * LIFETIME_MS - 1)
    expect(shortest).toBeLessThan(LIFETIME_MS)
  })

  it("are replaced before they go: the next is open when one closes", async () => {
    const redis = rig.client({ max: 2, maxLifetimeMs: 20, commandTimeoutMs: 10_000, validateAfterMs: 10_000 })
    const open: number[] = []
    const openAtClose: number[] = []
    const evicted: unknown[] = []
    redis.on("open", ({ id }) => open.push(id))
    redis.on("close", ({ id }) => {
      open.splice(open.indexOf(id), 1)
      openAtClose.push(open.length)
    })
    redis.on("evict", (detail) => evicted.push(detail))

    while (openAtClose.length < 10) await redis.incr("n")

    expect(openAtClose).toEqual(Array.from({ length: 10 }, () => 1))
    expect(evicted).toEqual([])
  })

  it("are closed when they were idle for too long, at the next use", async () => {
    const redis = await rig.warmClient({ max: 5, idleTimeoutMs: 50, acquireTimeoutMs: 5_000 })
    const leases = await Promise.all(Array.from({ length: 4 }, () => redis.acquire()))
    for (const lease of leases) await lease.release()
    await untilServer(rig.server, async (server) => (await connected(server)) === 5)
    await wait(60)

    await redis.use((lease) => lease.ping())

    await untilServer(rig.server, async (server) => (await connected(server)) === 2)
    expect(redis.stats()).toMatchObject({ shared: 1, idle: 1, leased: 0, evicted: 0 })
  })
})

describe.each(transports)("await using over $name", (transport) => {
  const rig = useRig(transport)

  it("closes a client: what was issued finishes, and the server sees nobody", async () => {
    const issued: Promise<unknown>[] = []
    {
      await using redis = rig.client()
      const pop = redis.blpop("none", 0.1)
      await untilBlocked(rig.server, 1)
      issued.push(pop, redis.incr("n"), redis.multi().incr("n").exec())
    }

    expect(await Promise.all(issued)).toEqual([null, 1, [[null, 2]]])
    await untilServer(rig.server, async (server) => (await connected(server)) === 0)
  })

  it("gives a lease back, clean, and the next has it", async () => {
    const redis = await rig.warmClient({ max: 2, acquireTimeoutMs: 5_000 })
    let id = 0
    {
      await using lease = await redis.acquire()
      await lease.watch("k")
      id = Number(await lease.client("ID"))
    }
    await redis.set("k", "changed")

    await using next = await redis.acquire()

    expect(await next.client("ID")).toBe(id)
    expect(await next.multi().get("k").exec()).toEqual([[null, "changed"]])
  })

  it("ends a subscription: the server knows of none", async () => {
    const redis = await rig.warmClient()
    {
      await using subscription = redis.subscribe("news")
      await subscription.ready
      expect(await rig.server.command("PUBSUB", "CHANNELS")).toEqual(["news"])
    }

    await untilServer(rig.server, async (server) => (await connected(server)) === 1)
    expect(await rig.server.command("PUBSUB", "CHANNELS")).toEqual([])
  })
})

describe.each(transports)("a lease that is held too long over $name", (transport) => {
  const rig = useRig(transport)

  it("is reported with the file and the function that acquired it", async () => {
    const redis = await rig.warmClient({ leakWarnAfterMs: 20, max: 3 })
    const leak: Promise<EventDetails["leak"]> = nextEvent(redis, "leak")
    await using lease = await acquireForReport(redis)
    await wait(30)

    await (await redis.acquire()).release()

    expect(await leak).toMatchObject({ id: lease.connection.id, heldMs: expect.any(Number) })
    expect((await leak).stack).toMatch(/acquireForReport .*lifetimes\.test\.ts:\d+/)
  })

  it("names the caller of use too", async () => {
    const redis = await rig.warmClient({ leakWarnAfterMs: 20, max: 3 })
    const leak = nextEvent(redis, "leak")

    await redis.use(() => wait(30))

    expect((await leak).stack).toMatch(/lifetimes\.test\.ts:\d+/)
  })
})
