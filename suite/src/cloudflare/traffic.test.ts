import { type RedisServer, startRedis } from "@warmpool/local"
import { Miniflare, type WorkerOptions } from "miniflare"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { naiveWorker } from "./naive.ts"
import { ask, connectionsReceived, type Stage, startStage, type Way } from "./rig.ts"
import { type BuiltWorker, buildWorker, inMiniflare } from "./wrangler.ts"

const SHARDS = 3
const SIZE = 2

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const stage of open.splice(0).reverse()) await stage[Symbol.asyncDispose]()
})

/** Runs Workers, the first of which is called, and closes them after the test. */
async function serve(workers: WorkerOptions[]): Promise<URL> {
  const runtime = new Miniflare({ workers })
  open.push({ [Symbol.asyncDispose]: () => runtime.dispose() })
  return runtime.ready
}

/** Counts visits of a page, so many at once. */
async function visit(worker: URL, times: number): Promise<readonly number[]> {
  return Promise.all(
    Array.from({ length: times }, async () => {
      const response = await fetch(new URL("/pages/home", worker))
      const { visits }: { visits: number } = JSON.parse(await response.text())
      return visits
    }),
  )
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1)
const sorted = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b)

describe("a fleet of Workers", () => {
  let redis: RedisServer
  let pool: BuiltWorker
  let app: BuiltWorker

  beforeAll(async () => {
    pool = await buildWorker("pool")
    app = await buildWorker("app-binding")
  }, 60_000)

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it("shares the pool's connections: 300 requests at once, then 3,000 more, and none is opened for them", async () => {
    // On a busy machine a server that was idle for half a second may take longer to answer than a new connection.
    const options = { shards: SHARDS, max: SIZE, validateAfterMs: 30_000 }
    const bindings = { REDIS_URL: redis.url, REDIS_POOL_OPTIONS: options }
    const url = await serve([inMiniflare(app, {}), inMiniflare(pool, bindings)])

    const first = await visit(url, 300)
    const warm = await connectionsReceived(redis)
    const more: number[] = []
    for (let n = 0; n < 20; n += 1) more.push(...(await visit(url, 150)))

    expect(sorted([...first, ...more])).toEqual(upTo(3_300))
    expect(await connectionsReceived(redis)).toBe(warm)
    expect((await redis.clients()).length).toBeLessThanOrEqual(SHARDS * SIZE)
  }, 60_000)

  it("opens a connection for each request where each has a client of its own", async () => {
    const before = await connectionsReceived(redis)
    const url = await serve([await naiveWorker("naive.ts", redis.url)])

    for (let n = 0; n < 5; n += 1) await visit(url, 60)

    expect((await connectionsReceived(redis)) - before).toBe(300)
  }, 60_000)
})

describe.each<[Way, { subrequests: number }]>([
  ["http", { subrequests: 1 }],
  ["tcp", { subrequests: 0 }],
  ["binding", { subrequests: 1 }],
])("an invocation over %s", (way, { subrequests }) => {
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage({ app: "tasks.fixture.ts", way })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it("sends 20 mixed commands of one tick together, in order", async () => {
    const replies = [0, 1, 2, 3, 4].flatMap((n) => ["OK", `v${n}`, n + 1, 2])

    expect(await ask(stage, "mixed")).toEqual({ replies, batches: 1, subrequests })
  })

  it("finishes what nobody waited for", async () => {
    expect(await ask(stage, "unawaited")).toBe("answered")

    await expect.poll(() => stage.redis.command("GET", "unawaited")).toBe("10")
  })

  it("leaves a connection behind only in the pool or the gateway", async () => {
    await ask(stage, "incr", "n2")

    await expect.poll(async () => (await stage.redis.clients()).length).toBe(way === "tcp" ? 0 : 1)
  })
})

describe.each<[Way]>([["tcp"], ["binding"]])("an invocation over %s", (way) => {
  it("never has more than six connections at once, whatever it asks for", async () => {
    const stage = await startStage({ app: "tasks.fixture.ts", way })
    open.push(stage)

    const most = await ask(stage, "crowd")

    expect(most).toBeGreaterThan(2)
    expect(most).toBeLessThanOrEqual(6)
  })
})

describe("an invocation over http", () => {
  it("never has more than six requests under way, whatever it asks for", async () => {
    const stage = await startStage({ app: "tasks.fixture.ts", way: "http" })
    open.push(stage)

    const most = await ask(stage, "reads", 30)

    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(6)
  })
})
