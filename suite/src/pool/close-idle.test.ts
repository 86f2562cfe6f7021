import { setImmediate as turn } from "node:timers/promises"
import { createRedis } from "@warmpool/core"
import { closeIdle } from "@warmpool/core/idle"
import { startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { useCluster } from "../cluster/rig.ts"
import { transports } from "../transports.ts"

const NOTHING_LEFT = { connections: 0, pending: false }

describe.each(transports)("closing what is idle over $name", ({ open }) => {
  it("takes every connection off the server's list before it resolves, time and again", async () => {
    await using server = await startRedis()
    await using redis = createRedis({ transport: open(server.url) })

    for (let round = 1; round <= 20; round += 1) {
      await Promise.all([
        redis.incr("n"),
        redis.use((lease) => lease.ping()),
        redis.use((lease) => lease.ping()),
      ])
      const before = (await server.clients()).length
      const left = await closeIdle(redis, "all")
      const after = await server.clients()

      expect([before, left, after]).toEqual([3, NOTHING_LEFT, []])
      expect(await server.command("GET", "n")).toBe(String(round))
    }
    expect(redis.stats().evicted).toBe(0)
  })

  it("never exceeds max, nor loses or doubles a command, while others come and go", async () => {
    await using server = await startRedis()
    const max = 3
    await using redis = createRedis({
      transport: open(server.url),
      max,
      validateAfterMs: 60_000,
      commandTimeoutMs: 10_000,
      acquireTimeoutMs: 10_000,
    })
    let [now, most] = [0, 0]
    redis.on("open", () => {
      now += 1
      most = Math.max(most, now)
    })
    redis.on("close", () => {
      now -= 1
    })

    let closing = true
    const closer = (async () => {
      while (closing) {
        await closeIdle(redis, "all")
        await turn()
      }
    })()
    const callers = Array.from({ length: 20 }, async (_, caller) => {
      for (let turn = 0; turn < 20; turn += 1) {
        if ((caller + turn) % 5 === 0) await redis.use((lease) => lease.incr("n"))
        else await redis.incr("n")
      }
    })
    await Promise.all(callers)
    closing = false
    await closer

    expect(await server.command("GET", "n")).toBe("400")
    expect(most).toBeLessThanOrEqual(max)
  })
})

describe("closing what is idle on a cluster", () => {
  const rig = useCluster()

  it("takes the connection to every node, and each is opened again when it is needed", async () => {
    const redis = rig.client()
    const keys = await rig.keysOf("k:")
    await Promise.all(keys.map(({ key }) => redis.set(key, key)))

    const left = await closeIdle(redis, "all")
    const during = redis.stats()

    expect(left).toEqual(NOTHING_LEFT)
    expect(during).toMatchObject({ shared: 0, opened: 3, closed: 3, evicted: 0 })
    expect(await Promise.all(keys.map(({ key }) => redis.get(key)))).toEqual(keys.map(({ key }) => key))
    expect(redis.stats()).toMatchObject({ shared: 3, opened: 6 })
  })
})
