import { createRedis, fateOf, OutcomeUnknownError, type Redis, UnsupportedCommandError } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { type ServedGateway, serveGateway } from "@warmpool/gateway/node"
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { GATEWAY_TOKEN, overGateway } from "../transports.ts"
import { useDoor } from "./door.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

const nextTick = () => new Promise((resolve) => setImmediate(resolve))

describe.each(overGateway)("what must hold over $name", (transport) => {
  const door = useDoor(transport, () => server)
  let redis: ReturnType<typeof createPortableRedis>
  beforeEach(async () => {
    await server.command("FLUSHALL")
    redis = createPortableRedis({ transport: transport.open(door()), commandTimeoutMs: 15_000 })
  })
  afterEach(() => redis.close())

  it("is one request for a tick of set, get, hgetall and lrange, and the get sees the set", async () => {
    const sizes: number[] = []
    redis.on("batch", ({ size }) => sizes.push(size))

    const replies = await Promise.all([
      redis.set("k", "v"),
      redis.get("k"),
      redis.hgetall("h"),
      redis.lrange("l", 0, -1),
    ])

    expect(replies).toEqual(["OK", "v", {}, []])
    expect(sizes).toEqual([4])
  })

  it("lets a get see the set of the tick before, every time", async () => {
    const times = rounds({ test: 200, soak: 10_000 })
    let seen = 0
    for (let n = 0; n < times; n++) {
      void redis.set("k", n)
      await nextTick()
      if ((await redis.get("k")) === String(n)) seen += 1
    }

    expect(seen).toBe(times)
  })

  it("lets gets of many ticks see the sets before them, though none is awaited", async () => {
    const gets: Promise<string | null>[] = []
    for (let n = 0; n < 200; n++) {
      void redis.set("k", n)
      await nextTick()
      gets.push(redis.get("k"))
      await nextTick()
    }

    expect(await Promise.all(gets)).toEqual(Array.from({ length: 200 }, (_, n) => String(n)))
  })

  it("splits what is too much for one request, in order", async () => {
    const pushes = Array.from({ length: 25_000 }, (_, n) => redis.rpush("l", n))

    const lengths = await Promise.all(pushes)

    expect(lengths).toEqual(Array.from({ length: 25_000 }, (_, n) => n + 1))
  })
})

describe.each(overGateway)("a gateway that loses its server, and a client over $name", ({ open }) => {
  let proxy: FaultProxy
  let behind: Redis
  let gateway: ServedGateway
  let redis: ReturnType<typeof createPortableRedis>
  beforeEach(async () => {
    await server.command("FLUSHALL")
    proxy = await startFaultProxy({ target: server })
    behind = createRedis({ transport: socketTransport({ url: proxy.url() }), commandTimeoutMs: 300 })
    gateway = await serveGateway({
      redis: behind,
      tokens: GATEWAY_TOKEN,
      port: 0,
      drainGraceMs: 0,
      signals: [],
    })
    redis = createPortableRedis({ transport: open(gateway.url), commandTimeoutMs: 15_000 })
    await behind.with({ timeoutMs: 15_000 }).prewarm()
  })
  afterEach(async () => {
    await redis.close()
    await gateway.drain()
    await behind.close()
    await proxy.close()
  })

  it("agree that a write whose reply is lost may have run: it runs once", async () => {
    proxy.dropReply({ nth: 1, and: "cut" })

    const incr = redis.incr("n")

    await expect(incr).rejects.toThrow(OutcomeUnknownError)
    expect(fateOf(incr)).toBe("unknown")
    expect(await server.command("GET", "n")).toBe("1")
  })

  it("agree on what became of each command of a pipeline", async () => {
    await redis.get("k")
    proxy.dropReply({ nth: 2, and: "cut" })

    const [set, incr, get] = await Promise.allSettled([redis.set("k", "v"), redis.incr("n"), redis.get("k")])

    expect(set).toMatchObject({ value: "OK" })
    expect(incr).toMatchObject({ reason: { fate: "unknown", code: "ERR_OUTCOME_UNKNOWN" } })
    expect(get).toMatchObject({ value: "v" })
    expect(await server.command("GET", "n")).toBe("1")
  })

  it("try again what did not run, until the server is back: one success, no error", async () => {
    const refused = new Promise((resolve) => redis.on("retry", resolve))
    proxy.refuse()
    await proxy.reset()

    const incr = redis.incr("n")
    await refused
    await proxy.heal()

    expect(await incr).toBe(1)
    expect(await server.command("GET", "n")).toBe("1")
  })
})

describe.each(overGateway)("a client with everything over $name", (transport) => {
  const door = useDoor(transport, () => server)
  let redis: Redis
  beforeEach(() => {
    redis = createRedis({ transport: transport.open(door()) })
  })
  afterEach(() => redis.close())

  it.each<[string, () => Promise<unknown>]>([
    ["a blocking command", () => redis.blpop("l", 1)],
    ["a lease", () => redis.acquire()],
    ["the use of a lease", () => redis.use(() => undefined)],
    ["SELECT", () => redis.call("SELECT", "1")],
    ["WATCH", () => redis.call("WATCH", "k")],
  ])("refuses %s before sending", async (_what, ask) => {
    await server.command("CONFIG", "RESETSTAT")

    await expect(ask()).rejects.toThrow(UnsupportedCommandError)

    expect(String(await server.command("INFO", "commandstats"))).not.toMatch(/cmdstat_(?:blpop|select|watch)/)
  })
})
