import { createRedis, type Redis } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import { type SentinelRedis, startSentinel } from "@warmpool/local"
import { Redis as Ioredis } from "ioredis"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { Load } from "../cluster/load.ts"
import { rounds } from "../rounds.ts"

let sentinel: SentinelRedis
const clients: Redis[] = []
const strays: unknown[] = []
const onStray = (reason: unknown): void => void strays.push(reason)

beforeAll(async () => {
  process.on("unhandledRejection", onStray)
  sentinel = await startSentinel({ password: "planted-1", sentinelPassword: "planted-2" })
})

afterEach(async () => {
  for (const redis of clients.splice(0)) {
    await redis.close()
    expect(redis.stats()).toMatchObject({ connecting: 0, idle: 0, shared: 0, leased: 0, waiting: 0 })
  }
  expect(strays.splice(0)).toEqual([])
})

afterAll(async () => {
  process.off("unhandledRejection", onStray)
  await sentinel.close()
})

const addresses = () => sentinel.sentinels.map(({ host, port }) => ({ host, port }))
const options = () => ({
  sentinels: addresses(),
  name: sentinel.name,
  password: "planted-1",
  sentinelPassword: "planted-2",
})

function client(given: Parameters<typeof ioredisTransport>[0] = options()): Redis {
  const redis = createRedis({ transport: ioredisTransport(given) })
  clients.push(redis)
  return redis
}

describe("a master behind sentinels", () => {
  it("is found and spoken with, also for leases and subscriptions", async () => {
    const redis = client()
    const master = await sentinel.master()

    await redis.set("k", "v")
    const subscription = redis.subscribe(["news"])
    await subscription.ready

    expect(await redis.info("server")).toContain(`tcp_port:${master.port}`)
    expect(await redis.use((lease) => lease.get("k"))).toBe("v")
    await redis.publish("news", "hello")
    expect((await subscription[Symbol.asyncIterator]().next()).value).toEqual({
      channel: "news",
      message: "hello",
    })
    await subscription.close()
  })

  it("is found through an ioredis client that knows the sentinels", async () => {
    const model = new Ioredis({ ...options(), db: 2, lazyConnect: true })
    const redis = client(model)

    await redis.set("in-2", "v")

    expect(await client({ ...options(), database: 2 }).get("in-2")).toBe("v")
    expect(await client().get("in-2")).toBeNull()
    expect(model.status).toBe("wait")
  })

  it("is found though a sentinel is gone", async () => {
    const [first] = sentinel.sentinels
    if (!first) throw new Error("there is no sentinel")
    await sentinel.kill(first)

    expect(await client().ping()).toBe("PONG")

    await sentinel.restart(first)
  })

  it.each([
    ["no sentinel knows the name", { name: "nobody" }, "no sentinel knows a master of this name"],
    ["the sentinels refuse the password", { sentinelPassword: "planted-3" }, "WRONGPASS"],
    ["no sentinel answers", { sentinels: [{ host: "127.0.0.1", port: 1 }] }, "no sentinel lets us connect"],
  ])("is not found when %s, and the error says why in time", async (_what, wrong, reason) => {
    const redis = client({ ...options(), ...wrong })

    const failure = await redis
      .with({ timeoutMs: 300 })
      .get("planted-key")
      .catch((error: unknown) => error)

    expect(String(failure)).toContain(reason)
    expect(String(failure)).not.toContain("planted")
    expect(failure).toMatchObject({ fate: "unsent" })
  })

  it("is none while it is a replica still", async () => {
    const [replica] = await sentinel.replicas()
    // A sentinel that has not heard of anything names a replica.
    const natMap = () => ({ host: "127.0.0.1", port: replica?.port ?? 0 })
    const redis = client({ ...options(), natMap })

    const failure = await redis
      .with({ timeoutMs: 300 })
      .set("k", "v")
      .catch((error: unknown) => error)

    expect(String(failure)).toContain("the sentinels name a server that is no master")
    expect(failure).toMatchObject({ fate: "unsent" })
  })
})

describe("a master that is replaced", () => {
  it("by SENTINEL FAILOVER, under load: nothing runs twice, nobody is refused", async () => {
    for (let round = 0; round < rounds({ test: 1, soak: 10 }); round += 1) {
      await using load = new Load(client())
      await load.allSucceed()

      await sentinel.failover()
      await load.allSucceed()
      await load.stop()

      // Sentinels let the old master take writes until they demote it: what it acknowledged meanwhile is lost.
      await load.check("may be lost")
      expect(load.errors.filter(({ name }) => name !== "OutcomeUnknownError")).toEqual([])
    }
  })

  it("as planned, its writes stopped before: nothing acknowledged is lost either", async () => {
    for (let round = 0; round < rounds({ test: 1, soak: 10 }); round += 1) {
      const redis = createRedis({ transport: ioredisTransport(options()), commandTimeoutMs: 15_000 })
      clients.push(redis)
      await using load = new Load(redis)
      await load.allSucceed()
      const old = await sentinel.master()

      // It has two replicas: from now on it refuses to write, and what it wrote reaches them.
      await old.command("CONFIG", "SET", "min-replicas-to-write", 3)
      await old.command("WAIT", 2, 5_000)
      await sentinel.failover()
      await old.command("CONFIG", "SET", "min-replicas-to-write", 0)
      await load.allSucceed()
      await load.stop()

      await load.check("all kept")
    }
  })

  it("because it was killed, under load: nothing runs twice, and commands succeed again in time", async () => {
    for (let round = 0; round < rounds({ test: 1, soak: 10 }); round += 1) {
      await using load = new Load(client())
      await load.allSucceed()
      const old = await sentinel.master()

      await sentinel.kill(old)
      const killedAt = performance.now()
      await sentinel.ready()
      const healedMs = performance.now() - killedAt
      await load.allSucceed()
      const servedMs = performance.now() - killedAt
      await load.stop()

      await load.check("may be lost")
      expect(servedMs).toBeLessThan(healedMs + 1_000)
      await sentinel.restart(old)
    }
  })
})
