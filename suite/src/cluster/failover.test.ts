import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { Load } from "./load.ts"
import { useCluster } from "./rig.ts"

const NODE_TIMEOUT_MS = 1_000

describe("a cluster that fails over", () => {
  const rig = useCluster({ nodeTimeoutMs: NODE_TIMEOUT_MS })

  it("as planned, under load: nothing runs twice, nothing acknowledged is lost, nobody fails", async () => {
    for (let round = 0; round < rounds({ test: 2, soak: 20 }); round += 1) {
      const redis = rig.client()
      await using load = new Load(redis)
      await load.allSucceed()

      const [master] = await rig.cluster.masters()
      if (!master) throw new Error("there is no master")
      await rig.cluster.failover(master)
      await load.allSucceed()
      await load.stop()

      await load.check("all kept")
      expect(load.errors).toEqual([])
      await expect.poll(() => redis.stats()).toMatchObject({ shared: 3, evicted: 0 })
    }
  })

  it("because a master was killed, under load: nothing runs twice, and commands succeed again in time", async () => {
    for (let round = 0; round < rounds({ test: 1, soak: 10 }); round += 1) {
      const redis = rig.client()
      await using load = new Load(redis)
      await load.allSucceed()
      const [master] = await rig.cluster.masters()
      if (!master) throw new Error("there is no master")

      await rig.cluster.kill(master)
      const killedAt = performance.now()
      await rig.cluster.ready()
      const healedMs = performance.now() - killedAt
      await load.allSucceed()
      const servedMs = performance.now() - killedAt
      await load.stop()

      await load.check("may be lost")
      expect(servedMs).toBeLessThan(healedMs + 1_000)
      await rig.cluster.restart(master)
    }
  })
})
