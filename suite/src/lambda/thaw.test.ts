import { setTimeout as sleep } from "node:timers/promises"
import { type FaultProxy, startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { deploy, type Invoked } from "./invoke.ts"

const ROUNDS = rounds({ test: 12, soak: 200 })
const SANDBOXES = 3
const FROZEN_MS = 100
const redis = { validateAfterMs: 50, validateTimeoutMs: 100 }

const endings: readonly [name: string, end: (proxy: FaultProxy) => void | Promise<void>][] = [
  ["stayed alive", () => {}],
  ["was closed", (proxy) => proxy.cut()],
  ["was reset", (proxy) => proxy.reset()],
  ["went silent", (proxy) => proxy.silence()],
]

describe("sandboxes frozen for longer than validateAfterMs", () => {
  it.concurrent.each(endings)("never fail nor count twice when their connection %s", async (_name, end) => {
    await using server = await startRedis()
    await using proxy = await startFaultProxy({ target: server })
    await using deployed = await deploy("visit", {
      redisUrl: proxy.url(),
      redis,
      concurrency: SANDBOXES,
      timeoutMs: 5_000,
    })

    const invoked: Invoked[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      invoked.push(...(await deployed.invokeAll(SANDBOXES)))
      await end(proxy)
      await sleep(FROZEN_MS)
    }

    expect(invoked.filter(({ functionError }) => functionError !== undefined)).toEqual([])
    const counts = invoked.map(({ answer }) => Number(answer["visits"])).sort((a, b) => a - b)
    expect(counts).toEqual(Array.from({ length: ROUNDS * SANDBOXES }, (_, index) => index + 1))
    expect(new Set(invoked.map(({ answer }) => answer["pid"])).size).toBe(SANDBOXES)
    expect(await server.command("GET", "visits")).toBe(String(ROUNDS * SANDBOXES))
  })
})

describe("sandboxes that are frozen for a moment", () => {
  it("keep the connection that their init opened, and open no other", async () => {
    await using server = await startRedis()
    await using proxy = await startFaultProxy({ target: server })
    await using deployed = await deploy("visit", {
      redisUrl: proxy.url(),
      redis: { validateAfterMs: 60_000 },
      concurrency: SANDBOXES,
    })

    for (let round = 0; round < 5; round += 1) {
      await deployed.invokeAll(SANDBOXES)
      await sleep(FROZEN_MS)
    }

    expect(proxy.counts).toMatchObject({ connections: SANDBOXES, open: SANDBOXES })
  })
})
