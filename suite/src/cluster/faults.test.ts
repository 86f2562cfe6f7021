import { OutcomeUnknownError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { useCluster } from "./rig.ts"

describe("one node of a cluster in trouble", () => {
  const rig = useCluster()

  it("that loses a reply: the write is unknown and ran once, the read is asked again, the others go on", async () => {
    const redis = rig.proxiedClient()
    await redis.prewarm()
    const [ill, ...well] = await rig.keysOf("lost:")
    if (!ill) throw new Error("there is no node")
    const fault = rig.proxyOf(ill.node).dropReply({ command: "incr", and: "cut" })

    const [write, ...others] = await Promise.allSettled([
      redis.incr(ill.key),
      ...well.map(({ key }) => redis.incr(key)),
    ])
    const read = await redis.get(ill.key)

    await fault.struck
    expect(write).toMatchObject({ status: "rejected", reason: expect.any(OutcomeUnknownError) })
    expect(others).toEqual(well.map(() => ({ status: "fulfilled", value: 1 })))
    expect(read).toBe("1")
  })

  it("of which replies are lost in the middle of a pipeline over all of them", async () => {
    const redis = rig.proxiedClient()
    await redis.prewarm()
    const keys = await rig.keysOf("pipe:")
    const [ill] = keys
    if (!ill) throw new Error("there is no node")
    const fault = rig.proxyOf(ill.node).dropReply({ command: "incr", nth: 2, and: "cut" })

    const outcomes = await redis.pipeline([...keys, ...keys, ...keys].map(({ key }) => ["incr", key])).exec()

    await fault.struck
    const [first, ...later] = outcomes.filter((_, n) => n % keys.length === 0)
    expect(first).toEqual([null, 1])
    for (const [error] of later) expect(error).toBeInstanceOf(OutcomeUnknownError)
    expect(outcomes.filter((_, n) => n % keys.length !== 0)).toEqual([1, 1, 2, 2, 3, 3].map((n) => [null, n]))
    expect(Number(await redis.get(ill.key))).toBe(3)
  })

  it("that has fallen silent while nobody asked: its connection is replaced, nobody fails, nobody else waits", async () => {
    const redis = rig.proxiedClient({ validateAfterMs: 50 })
    await redis.prewarm()
    const [ill, ...well] = await rig.keysOf("silent:")
    if (!ill) throw new Error("there is no node")
    rig.proxyOf(ill.node).silence()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const answered: string[] = []
    const asked = [ill, ...well].map(async ({ key }) => {
      const count = await redis.incr(key)
      answered.push(key)
      return count
    })

    const counts = await Promise.all(asked)

    expect(counts).toEqual([1, 1, 1])
    expect(answered.at(-1)).toBe(ill.key)
    expect(redis.stats()).toMatchObject({ evicted: 1, shared: 3 })
  })

  it("that falls silent for good holds up only those who ask it, until it is deposed", async () => {
    const redis = rig.proxiedClient({ validateAfterMs: 50 })
    await redis.prewarm()
    const [ill, ...well] = await rig.keysOf("gone:")
    if (!ill) throw new Error("there is no node")
    rig.proxyOf(ill.node).silence({ newConnections: "silent" })
    const held = redis.with({ timeoutMs: 10_000 }).incr(ill.key)

    let isHeld = true
    const letGo = () => {
      isHeld = false
    }
    held.then(letGo, letGo)

    for (let round = 1; round <= 20; round += 1) {
      expect(await Promise.all(well.map(({ key }) => redis.incr(key)))).toEqual(well.map(() => round))
    }
    // All rounds went by while it waited.
    expect(isHeld).toBe(true)
    await rig.cluster.failover(ill.node)

    // It was written before anybody knew: whether it ran nobody can tell. What is asked now goes to the heir.
    await expect(held).rejects.toThrow(OutcomeUnknownError)
    expect(await redis.incr(ill.key)).toBe(1)
  })

  it("that closes all its connections is connected to again, and nothing runs twice", async () => {
    const redis = rig.proxiedClient()
    const keys = await rig.keysOf("cut:")
    for (let round = 1; round <= 10; round += 1) {
      expect(await Promise.all(keys.map(({ key }) => redis.incr(key)))).toEqual(keys.map(() => round))
      const next = keys[round % 3]
      if (next) await rig.proxyOf(next.node).cut()
    }
  })
})
