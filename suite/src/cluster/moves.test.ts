import { ReplyError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { Load } from "./load.ts"
import { useCluster } from "./rig.ts"

describe("a slot that moves", () => {
  const rig = useCluster()

  it("under load, back and forth: nothing runs twice, nothing is lost, the order holds, nobody fails", async () => {
    const redis = rig.client()
    // All callers in one slot, so that every one of them is redirected.
    await using load = new Load(redis, { callers: 8, name: (caller) => `${caller}:{moving}` })
    await load.allSucceed()
    const slot = await rig.cluster.slotOf("{moving}")

    for (let round = 0; round < rounds({ test: 4, soak: 100 }); round += 1) {
      const from = await rig.cluster.nodeOf("{moving}")
      const move = await rig.cluster.beginMove(slot, await rig.otherMaster(from))
      await load.allSucceed()
      await move.migrate("0:{moving}:n", "1:{moving}:l", "2:{moving}:n", "2:{moving}:l")
      await load.allSucceed()
      await move.finish()
      await load.allSucceed()
    }
    await load.stop()

    await load.check("all kept")
    expect(load.errors).toEqual([])
  })

  it("sends on what has left already, reads, writes, transactions and bytes", async () => {
    const redis = rig.client()
    await redis.mset("{asked}here", "1", "{asked}gone", "2")
    const slot = await rig.cluster.slotOf("{asked}")
    const from = await rig.cluster.nodeOf("{asked}")
    const to = await rig.otherMaster(from)
    const move = await rig.cluster.beginMove(slot, to)
    await move.migrate("{asked}gone")
    await to.command("CONFIG", "RESETSTAT")

    const replies = await Promise.all([
      redis.get("{asked}here"),
      redis.incr("{asked}gone"),
      redis.getBuffer("{asked}gone"),
      redis.set("{asked}new", "3"),
      redis.multi().incr("{asked}gone").get("{asked}gone").exec(),
    ])

    expect(replies).toEqual([
      "1",
      3,
      Uint8Array.from([0x33]),
      "OK",
      [
        [null, 4],
        [null, "4"],
      ],
    ])
    expect(await to.command("INFO", "commandstats")).toMatch(/cmdstat_asking:calls=[1-9]/)
    await move.finish()
    expect(await redis.mget("{asked}here", "{asked}gone", "{asked}new")).toEqual(["1", "4", "3"])
  })

  it("answers TRYAGAIN to keys on both sides: they are asked again until the move is over", async () => {
    const redis = rig.client({ commandTimeoutMs: 5_000 })
    await redis.mset("{both}1", "1", "{both}2", "2")
    const from = await rig.cluster.nodeOf("{both}")
    const move = await rig.cluster.beginMove(await rig.cluster.slotOf("{both}"), await rig.otherMaster(from))
    await move.migrate("{both}1")
    const refused = new Promise((resolve) => redis.on("retry", resolve))

    const reading = redis.mget("{both}1", "{both}2")
    await refused
    await move.finish()

    expect(await reading).toEqual(["1", "2"])
  })

  it("gives its keys' errors to a lease, which leads to one node, and the next lease leads to the other", async () => {
    const redis = rig.client()
    const from = await rig.cluster.nodeOf("{leased}")
    const to = await rig.otherMaster(from)
    const lease = await redis.acquire({ key: "{leased}" })
    expect(await lease.set("{leased}k", "v")).toBe("OK")

    const move = await rig.cluster.beginMove(await rig.cluster.slotOf("{leased}"), to)
    await move.finish()
    const failure = await lease.get("{leased}k").catch((error: unknown) => error)
    await lease.release()

    expect(failure).toBeInstanceOf(ReplyError)
    expect(failure).toMatchObject({ kind: "MOVED", fate: "refused" })
    await redis.use(async (next) => expect(await next.get("{leased}k")).toBe("v"), { key: "{leased}" })
  })

  it("takes blocking commands along", async () => {
    const redis = rig.client()
    const from = await rig.cluster.nodeOf("{waited}")
    const popped = redis.blpop("{waited}list", 10)
    // From here on the server holds the call.
    await expect.poll(async () => String(await from.command("CLIENT", "LIST"))).toContain("cmd=blpop")

    const to = await rig.otherMaster(from)
    const move = await rig.cluster.beginMove(await rig.cluster.slotOf("{waited}"), to)
    await move.finish()
    await redis.rpush("{waited}list", "item")

    expect(await popped).toEqual(["{waited}list", "item"])
  })
})
