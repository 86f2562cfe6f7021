import type { Readable } from "node:stream"
import { type RedisServer, startRedis } from "@warmpool/local"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { naiveWorker } from "./naive.ts"
import { ask, startStage, WAYS } from "./rig.ts"

/** What came of a request: its status, or that it hung. */
async function outcomeOf(url: URL): Promise<number | "hung"> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status
  } catch {
    return "hung"
  }
}

describe("a client at module scope", () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it("answers one request, and fails or hangs in the next: the trap is real in this runtime", async () => {
    let told = ""
    const runtime = new Miniflare({
      workers: [await naiveWorker("module-scope.ts", redis.url)],
      handleRuntimeStdio: (_stdout: Readable, stderr: Readable) => {
        stderr.on("data", (words) => {
          told += words
        })
      },
    })
    await runtime.ready
    const url = await runtime.unsafeGetDirectURL("app")

    const first = await outcomeOf(url)
    const later = [await outcomeOf(url), await outcomeOf(url)]
    await runtime.dispose()

    expect(first).toBe(200)
    for (const outcome of later) expect([500, "hung"]).toContain(outcome)
    expect(told).toMatch(/your Worker's code had hung|Cannot perform I\/O on behalf of a different request/)
  })
})

describe.each(WAYS)("the client of each invocation, over %s", (way) => {
  it("answers 500 of 500 requests in the same runtime", async () => {
    await using stage = await startStage({ app: "tasks.fixture.ts", way })
    const replies: unknown[] = []

    for (let n = 0; n < 10; n += 1) {
      replies.push(...(await Promise.all(Array.from({ length: 50 }, () => ask(stage, "incr", "n")))))
    }

    expect(new Set(replies)).toEqual(new Set(Array.from({ length: 500 }, (_, n) => n + 1)))
  }, 60_000)
})
