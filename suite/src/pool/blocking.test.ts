import { setTimeout as wait } from "node:timers/promises"
import { fateOf } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { failure } from "../fault/failure.ts"
import { useRig } from "../fault/rig.ts"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { connected, untilBlocked, untilServer } from "./census.ts"

const ELEMENTS = rounds({ test: 200, soak: 5_000 })
const LEFT = new Error("the caller left")

describe.each(transports)("a blocking command over $name", (transport) => {
  const rig = useRig(transport)

  it("holds up nobody: a GET issued 20 ms later is answered at once", async () => {
    const redis = await rig.warmClient()
    await redis.set("k", "v")
    let popped = "not yet"
    const pop = redis.blpop("none", 1).finally(() => {
      popped = "over"
    })
    await wait(20)

    expect(await redis.get("k")).toBe("v")

    expect(popped).toBe("not yet")
    expect(await pop).toBeNull()
  })

  it.each(["BLPOP", "XREAD", "BZPOPMIN", "WAIT in a lease"])(
    "may wait beyond its limit: %s",
    async (what) => {
      const redis = await rig.warmClient({ commandTimeoutMs: 200, acquireTimeoutMs: 5_000 })
      const startedAt = performance.now()

      if (what === "BLPOP") expect(await redis.blpop("none", 0.4)).toBeNull()
      if (what === "XREAD") expect(await redis.xread("BLOCK", 400, "STREAMS", "none", "$")).toBeNull()
      if (what === "BZPOPMIN") expect(await redis.bzpopmin("none", 0.4)).toBeNull()
      if (what === "WAIT in a lease") expect(await redis.use((lease) => lease.wait(1, 400))).toBe(0)

      expect(performance.now() - startedAt).toBeGreaterThan(350)
    },
  )

  it("gives its connection free when it is aborted: the server holds nothing of it", async () => {
    const redis = await rig.warmClient({ max: 2, acquireTimeoutMs: 5_000 })
    const abort = new AbortController()
    const pop = redis.with({ signal: abort.signal }).blpop("list", 0)
    await untilBlocked(rig.server, 1)

    abort.abort(LEFT)

    expect(await failure(pop)).toBe(LEFT)
    expect(fateOf(pop)).toBe("unknown")
    await untilBlocked(rig.server, 0)
    await untilServer(rig.server, async (server) => (await connected(server)) === 1)
    await rig.server.command("RPUSH", "list", "still there")
    expect(await redis.blpop("list", 1)).toEqual(["list", "still there"])
  })
})

describe.each(transports)("an element that is popped over $name while its caller leaves", (transport) => {
  const rig = useRig(transport)

  it("is lost by BLPOP: the server had sent it", async () => {
    const redis = await rig.warmClient()
    const abort = new AbortController()
    const dropped = rig.proxy.dropReply({ command: "blpop" })
    const pop = redis.with({ signal: abort.signal }).blpop("jobs", 0)
    await untilBlocked(rig.server, 1)
    await rig.server.command("RPUSH", "jobs", "job")
    await dropped.struck

    abort.abort(LEFT)

    expect(await failure(pop)).toBe(LEFT)
    expect(fateOf(pop)).toBe("unknown")
    expect(await redis.exists("jobs")).toBe(0)
  })

  it("waits in the caller's own list with BLMOVE", async () => {
    const redis = await rig.warmClient()
    const abort = new AbortController()
    const dropped = rig.proxy.dropReply({ command: "blmove" })
    const move = redis.with({ signal: abort.signal }).blmove("jobs", "mine", "LEFT", "RIGHT", 0)
    await untilBlocked(rig.server, 1)
    await rig.server.command("RPUSH", "jobs", "job")
    await dropped.struck

    abort.abort(LEFT)

    expect(await failure(move)).toBe(LEFT)
    expect(fateOf(move)).toBe("unknown")
    expect(await redis.lrange("mine", 0, -1)).toEqual(["job"])
  })

  it(`is never lost by BLMOVE, however often callers leave: ${ELEMENTS} elements`, async () => {
    const redis = await rig.warmClient({ acquireTimeoutMs: 5_000 })
    const pushed = Array.from({ length: ELEMENTS }, (_, n) => String(n))
    const { promise: someoneLeft, resolve: leave } = Promise.withResolvers<void>()
    const pushing = (async () => {
      await someoneLeft
      for (const job of pushed) await redis.rpush("jobs", job)
    })()

    const given: string[] = []
    const consume = async (mine: string) => {
      while ((await redis.llen("mine:0")) + (await redis.llen("mine:1")) < ELEMENTS) {
        const signal = AbortSignal.timeout(1 + Math.floor(Math.random() * 4))
        const job = await redis
          .with({ signal })
          .blmove("jobs", mine, "LEFT", "RIGHT", 0)
          .catch(() => null)
        if (job === null) leave()
        else given.push(job)
      }
    }
    await Promise.all([pushing, consume("mine:0"), consume("mine:1")])

    const moved = [...(await redis.lrange("mine:0", 0, -1)), ...(await redis.lrange("mine:1", 0, -1))]
    expect(moved.sort()).toEqual(pushed.sort())
    expect(new Set(given).size).toBe(given.length)
    expect(await redis.exists("jobs")).toBe(0)
  })
})
