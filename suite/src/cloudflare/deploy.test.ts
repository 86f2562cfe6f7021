import { Redis as Upstash } from "@upstash/redis"
import { type RedisServer, startRedis } from "@warmpool/local"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startGateway, TOKEN } from "./rig.ts"
import { type BuiltWorker, buildWorker, inMiniflare } from "./wrangler.ts"

const FOLDERS = ["pool", "app-http", "app-binding", "gateway"] as const
type Folder = (typeof FOLDERS)[number]

const built = new Map<Folder, BuiltWorker>()
let redis: RedisServer

beforeAll(async () => {
  // Two by two: each runs a bundler of its own.
  for (const pair of [FOLDERS.slice(0, 2), FOLDERS.slice(2)]) {
    await Promise.all(pair.map(async (folder) => built.set(folder, await buildWorker(folder))))
  }
  redis = await startRedis()
}, 120_000)
afterAll(() => redis.close())

function worker(folder: Folder): BuiltWorker {
  const found = built.get(folder)
  if (found === undefined) throw new Error(`${folder} was not built`)
  return found
}

/** Modules that a bundle imports from outside. */
function importsOf(inputs: BuiltWorker["inputs"]): ReadonlySet<string> {
  const paths = Object.values(inputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  return new Set(paths.filter((path) => /^(?:node|cloudflare):/.test(path)))
}

describe.each(FOLDERS)("infra/wrangler/%s", (folder) => {
  it("is taken by wrangler without a warning", () => {
    expect(worker(folder).told).toContain("--dry-run: exiting now.")
    expect(worker(folder).told).not.toMatch(/warning|error/i)
  })

  it("holds nothing of Node's, and no ioredis", () => {
    const { inputs } = worker(folder)

    expect([...importsOf(inputs)].filter((path) => !path.startsWith("cloudflare:"))).toEqual([])
    expect(Object.keys(inputs).filter((path) => path.includes("ioredis"))).toEqual([])
    expect(Object.keys(inputs).length).toBeGreaterThan(20)
  })
})

describe("what wrangler built", () => {
  /** Runs Workers as their wrangler.jsonc binds them; the first is called. */
  async function serve(
    folders: readonly Folder[],
    secrets: Readonly<Record<string, string>>,
  ): Promise<{ url: URL } & AsyncDisposable> {
    const runtime = new Miniflare({ workers: folders.map((folder) => inMiniflare(worker(folder), secrets)) })
    return { url: await runtime.ready, [Symbol.asyncDispose]: () => runtime.dispose() }
  }

  const visit = async (url: URL): Promise<unknown> => (await fetch(new URL("/pages/home", url))).json()

  it("counts visits through the pool", async () => {
    await using app = await serve(["app-binding", "pool"], { REDIS_URL: redis.url })

    expect([await visit(app.url), await visit(app.url)]).toEqual([
      { page: "home", visits: 1 },
      { page: "home", visits: 2 },
    ])
    expect(await (await fetch(new URL("/pages", app.url))).json()).toEqual({ home: "2" })
  })

  it("counts visits over HTTP", async () => {
    await redis.command("FLUSHALL")
    const gateway = await startGateway(redis)
    await using app = await serve(["app-http"], {
      UPSTASH_REDIS_REST_URL: gateway.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    })

    const counted = await visit(app.url)
    await gateway.drain()

    expect(counted).toEqual({ page: "home", visits: 1 })
  })

  it("counts visits over TCP", async () => {
    await redis.command("FLUSHALL")
    const bound = inMiniflare(worker("app-binding"), { REDIS_URL: redis.url })
    const runtime = new Miniflare({ workers: [{ ...bound, serviceBindings: {} }] })

    const counted = await visit(await runtime.ready)
    await runtime.dispose()

    expect(counted).toEqual({ page: "home", visits: 1 })
  })

  it("serves nothing of the pool over HTTP", async () => {
    await using pool = await serve(["pool"], { REDIS_URL: redis.url })

    const response = await fetch(new URL("/get/secret", pool.url))

    expect(response.ok).toBe(false)
  })

  it("speaks Upstash's protocol from the gateway in front of the pool", async () => {
    const token = "gateway-token-of-the-test"
    await using gateway = await serve(["gateway", "pool"], { REDIS_URL: redis.url, GATEWAY_TOKEN: token })
    const upstash = new Upstash({ url: gateway.url.origin, token, retry: false })

    expect(await upstash.set("through", "the gateway")).toBe("OK")
    expect(await upstash.get("through")).toBe("the gateway")
    expect(await upstash.multi().incr("gn").incr("gn").exec()).toEqual([1, 2])
    const refused = await fetch(new URL("/get/through", gateway.url))
    expect(refused.status).toBe(401)
  })
})
