import { Miniflare, type WorkerOptions } from "miniflare"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { BOUND, bundle, DIRECT, directUrl, hush, POOL, worker } from "./rig.ts"

const SECRET = "planted-password"
const NAMESPACE = { REDIS_POOL: { className: "RedisPool", useSQLite: true } }

let app: string
let pool: string
let runtime: Miniflare | undefined

beforeAll(async () => {
  app = await bundle("bare.fixture.ts")
  pool = await bundle(POOL)
})
afterEach(async () => {
  await runtime?.dispose()
  runtime = undefined
})

/** What a Worker tells with such bindings, which the pool may lack some of. */
async function told(
  appOptions: Partial<WorkerOptions>,
  poolOptions: Partial<WorkerOptions> = {},
): Promise<string> {
  const workers = [worker("app", app, { ...DIRECT, ...appOptions }), worker("redis-pool", pool, poolOptions)]
  runtime = new Miniflare({ workers, handleRuntimeStdio: hush })
  const response = await fetch(await directUrl(runtime))
  const text = await response.text()
  expect(text).not.toContain(SECRET)
  return text
}

const bound = (entrypoint?: string): Partial<WorkerOptions> => ({
  serviceBindings: { REDIS: { name: "redis-pool", ...(entrypoint !== undefined && { entrypoint }) } },
})

describe("what is missing is named with the line that adds it", () => {
  it("when env says of no server: all three ways", async () => {
    const words = await told({})

    expect(words).toContain('"services": [{ "binding": "REDIS"')
    expect(words).toContain("UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN")
    expect(words).toContain("npx wrangler secret put REDIS_URL")
  })

  it("when an app binds the pool without its entrypoint", async () => {
    expect(await told(bound())).toContain('"entrypoint": "RedisBinding"')
  })

  it("when the pool Worker lacks its namespace", async () => {
    const words = await told(bound("RedisBinding"), {
      bindings: { REDIS_URL: `redis://:${SECRET}@127.0.0.1:1` },
    })

    expect(words).toContain('"durable_objects": { "bindings": [{ "name": "REDIS_POOL"')
    expect(words).toContain('"new_sqlite_classes": ["RedisPool"]')
  })

  it("when the pool Worker lacks its secret", async () => {
    const words = await told(bound("RedisBinding"), { durableObjects: NAMESPACE })

    expect(words).toContain("npx wrangler secret put REDIS_URL")
    expect(words).toContain('"secrets": { "required": ["REDIS_URL"] }')
  })

  it.each([
    [{ REDIS_URL: `http://:${SECRET}@host` }, "REDIS_URL of the pool Worker"],
    [{ REDIS_POOL_OPTIONS: { max: 6 } }, "REDIS_POOL_OPTIONS: max takes a whole number from 1 to 5"],
    [{ REDIS_POOL_OPTIONS: { shard: 2 } }, "REDIS_POOL_OPTIONS: unknown option shard: did you mean shards?"],
    [{ REDIS_POOL_OPTIONS: `{"max":${SECRET}` }, "REDIS_POOL_OPTIONS is a string that is no JSON object"],
    [{ REDIS_POOL_OPTIONS: { locationHint: "mars" } }, "locationHint takes"],
  ])("when the pool Worker has %o", async (bindings, words) => {
    const all: Readonly<Record<string, unknown>> = { REDIS_URL: "redis://127.0.0.1:1", ...bindings }

    expect(
      await told(bound("RedisBinding"), { durableObjects: NAMESPACE, bindings: all as never }),
    ).toContain(words)
  })

  it("when the app's compatibility date is older than RPC", async () => {
    const words = await told({ ...bound("RedisBinding"), compatibilityDate: "2024-03-01" })

    expect(words).toContain('"compatibility_date": "2024-04-03" or later')
  })

  it("when the pool's compatibility date is older than RPC", async () => {
    const words = await told(bound("RedisBinding"), {
      durableObjects: NAMESPACE,
      bindings: { REDIS_URL: "redis://127.0.0.1:1" },
      compatibilityDate: "2024-03-01",
    })

    expect(words).toContain('"compatibility_date": "2024-04-03" or later')
  })

  it("when REDIS is something else", async () => {
    const words = await told({ bindings: { REDIS: "redis://127.0.0.1:1" } })

    expect(words).toContain("env.REDIS is not the pool, or has no RPC")
  })

  it("when a URL for HTTP has no token beside it", async () => {
    const words = await told({ bindings: { UPSTASH_REDIS_REST_URL: "https://x.test" } })

    expect(words).toContain("UPSTASH_REDIS_REST_TOKEN")
  })

  it("works with the first date that has RPC", async () => {
    const bindings = { REDIS_URL: "redis://127.0.0.1:1" }
    const old = { compatibilityDate: "2024-04-03" }

    const words = await told(
      { serviceBindings: BOUND, ...old },
      {
        durableObjects: NAMESPACE,
        bindings: { ...bindings, REDIS_POOL_OPTIONS: { commandTimeoutMs: 300 } },
        ...old,
      },
    )

    expect(words).toMatch(/ConnectionError|TimeoutError/)
  })
})
