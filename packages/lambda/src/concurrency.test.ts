import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { contextOf } from "./context.fixture.ts"
import type { ThreadReport } from "./thread.fixture.ts"

const AT_ONCE = 64

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})

afterAll(() => server.close())

/** The package as a sandbox loads it, with this variable or without. */
async function load(maxConcurrency: string | undefined): Promise<typeof import("./index.ts")> {
  vi.stubEnv("AWS_LAMBDA_MAX_CONCURRENCY", maxConcurrency)
  vi.resetModules()
  return import("./index.ts")
}

describe.each([["64"], [undefined]])("64 invocations at once, AWS_LAMBDA_MAX_CONCURRENCY is %s", (max) => {
  it("share one connection", async () => {
    const { createRedis, withRedis } = await load(max)
    await using redis = createRedis({ url: server.url, keyPrefix: `shared-${max}:` })
    const handler = withRedis(redis, async (event: number) => [event, await redis.incr("counter")])

    const calls = Array.from({ length: AT_ONCE }, (_, index) => handler(index, contextOf(3_000)))
    const answers = await Promise.all(calls)

    expect(answers.map(([event]) => event)).toEqual(Array.from(calls.keys()))
    expect(new Set(answers.map(([, count]) => count)).size).toBe(AT_ONCE)
    expect(redis.stats()).toMatchObject({ opened: 1, shared: 1 })
  })

  it("keep each its own deadline", async () => {
    const { createRedis, withRedis } = await load(max)
    await using proxy = await startFaultProxy({ target: server })
    const redis = createRedis({ url: proxy.url(), commandTimeoutMs: 10_000, reserveMs: 500 })
    await redis.ping()
    proxy.silence({ newConnections: "silent" })
    const handler = withRedis(redis, () => redis.get("key"))

    const calls = Array.from({ length: AT_ONCE }, async (_, index) => {
      const leftMs = 700 + index * 20
      const startedAt = performance.now()
      await expect(handler({}, contextOf(leftMs))).rejects.toMatchObject({ name: "TimeoutError" })
      return performance.now() - startedAt - leftMs
    })
    const beyondTheirEnd = await Promise.all(calls)

    expect(Math.max(...beyondTheirEnd)).toBeLessThan(0)
    expect(Math.min(...beyondTheirEnd)).toBeGreaterThan(-600)
    await redis.close()
  })

  it("wait each for its own commands only", async () => {
    const { createRedis, withRedis } = await load(max)
    await using redis = createRedis({ url: server.url })
    const settled: number[] = []
    const answered: number[] = []
    const handler = withRedis(redis, async (event: number) => {
      await redis.ping()
      if (event % 16 === 0) void redis.blpop(`never-${event}`, 0.4).then(() => settled.push(event))
    })

    const calls = Array.from({ length: AT_ONCE }, async (_, index) => {
      await handler(index, contextOf(3_000))
      if (index % 16 === 0) expect(settled).toContain(index)
      answered.push(index)
    })
    await Promise.all(calls)

    expect(answered.slice(0, 60).filter((event) => event % 16 === 0)).toEqual([])
    expect(settled).toHaveLength(4)
  })

  it("are taken back only their own leases", async () => {
    const { createRedis, withRedis } = await load(max)
    await using redis = createRedis({ url: server.url })
    const gate = Promise.withResolvers<void>()
    const long = withRedis(redis, async () => {
      const lease = await redis.acquire()
      await gate.promise
      return lease.ping()
    })
    const short = withRedis(redis, async () => (await redis.acquire()).ping())

    const running = long({}, contextOf(3_000))
    await short({}, contextOf(3_000))
    await short({}, contextOf(3_000))
    gate.resolve()

    expect(await running).toBe("PONG")
  })
})

describe("what goes on after its invocation has ended", () => {
  it.each([["64"], [undefined]])("belongs to none, AWS_LAMBDA_MAX_CONCURRENCY is %s", async (max) => {
    const { createRedis, withRedis } = await load(max)
    await using redis = createRedis({ url: server.url, reserveMs: 0 })
    const gate = Promise.withResolvers<void>()
    const left: { work?: Promise<string> } = {}
    const handler = withRedis(redis, async () => {
      left.work = gate.promise.then(() => redis.ping())
    })

    const context = contextOf(20)
    await handler({}, context)
    await vi.waitUntil(() => context.getRemainingTimeInMillis() < 0)
    gate.resolve()

    expect(await left.work).toBe("PONG")
  })
})

describe("worker threads", () => {
  it("have one connection each, shared by 64 invocations, and no extension", async () => {
    const workerData = { url: server.url, atOnce: AT_ONCE }
    const env = { ...process.env, AWS_LAMBDA_MAX_CONCURRENCY: "64", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:1" }
    const threads = [0, 1].map(
      () => new Worker(new URL("./thread.fixture.ts", import.meta.url), { workerData, env }),
    )

    const reports = await Promise.all(
      threads.map(async (thread): Promise<ThreadReport> => (await once(thread, "message"))[0]),
    )
    const clients = await server.clients()
    for (const thread of threads) thread.postMessage("close")
    const codes = await Promise.all(threads.map(async (thread) => (await once(thread, "exit"))[0]))

    for (const report of reports) {
      expect(report).toEqual({ opened: 1, late: 0, unsettled: 0, warnings: [], sigtermListeners: 0 })
    }
    expect(clients).toHaveLength(2)
    expect(await server.command("GET", "threads")).toBe(String(2 * 2 * AT_ONCE))
    expect(codes).toEqual([0, 0])
  })
})
