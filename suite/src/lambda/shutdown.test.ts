import { setTimeout as sleep } from "node:timers/promises"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { deploy } from "./invoke.ts"

const LINGERING = new URL("./lingering.fixture.ts", import.meta.url).pathname

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})

afterAll(() => server.close())

/** What is left at the server as soon as a reaped sandbox's connections are gone, or the sandbox itself. */
async function reap(closeOnShutdown: "yes" | "no") {
  await using deployed = await deploy(LINGERING, {
    redisUrl: server.url,
    reapAfterMs: 100,
    env: { CLOSE_ON_SHUTDOWN: closeOnShutdown },
  })
  await deployed.invoke()
  const before = (await server.clients()).length
  const sandboxes = () => deployed.lambda.sandboxes().length
  await vi.waitUntil(async () => sandboxes() === 0 || (await server.clients()).length === 0, {
    timeout: 5_000,
    interval: 5,
  })
  // The end of a process is noticed a little after its connections are gone; one that lingers does so for longer.
  await sleep(100)
  return { before, sandboxesLeft: sandboxes() }
}

describe("a sandbox that is reaped", () => {
  it("has closed its connections before SIGKILL, by our extension", async () => {
    expect(await reap("yes")).toEqual({ before: 1, sandboxesLeft: 1 })
  })

  it("would have kept them without, until the end", async () => {
    expect(await reap("no")).toEqual({ before: 1, sandboxesLeft: 0 })
  })

  it("ends by itself, before SIGKILL, when the server is silent too", async () => {
    const times: number[] = []
    // More than once, because a busy machine may hold up any one process.
    for (let time = 0; time < 3; time += 1) {
      await using proxy = await startFaultProxy({ target: server })
      await using deployed = await deploy("visit", { redisUrl: proxy.url(), concurrency: 1 })
      await deployed.invoke()
      proxy.silence({ newConnections: "silent" })

      const startedAt = performance.now()
      await deployed.lambda.close()
      times.push(performance.now() - startedAt)
    }

    expect(Math.min(...times)).toBeLessThan(400)
  })

  it("logs nothing of it", async () => {
    const deployed = await deploy("visit", { redisUrl: server.url, concurrency: 1 })
    await deployed.invoke()

    await deployed[Symbol.asyncDispose]()

    expect(deployed.log.filter((line) => !/^(INIT_START|START|END|REPORT)\b/.test(line))).toEqual([])
  })
})
