import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { createRedis } from "@warmpool/core"
import { serveGateway } from "@warmpool/gateway/node"
import { startEdge, startFluid, startRedis } from "@warmpool/local"
import { socketTransport } from "@warmpool/socket"
import { describe, expect, it } from "vitest"
import { bundleForEdge } from "./edge-bundle.ts"

const EXAMPLE = new URL("../../../examples/vercel-function/", import.meta.url)
const TEMPLATE = new URL("../../../infra/vercel/vercel.json", import.meta.url)
const TOKEN = "a-token-for-the-example"

const visitsOf = async (url: string) => (await fetch(url)).json()

describe("examples/vercel-function", () => {
  it("counts in Node, and leaves no connection behind when it is suspended", async () => {
    await using server = await startRedis()
    const handler = new URL("api/visits.ts", EXAMPLE)
    await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })

    const first = await visitsOf(fluid.url)
    await fluid.until("suspended")
    const open = await server.clients()
    const second = await visitsOf(fluid.url)

    expect([first, second]).toEqual([{ visits: 1 }, { visits: 2 }])
    expect(open).toEqual([])
  })

  it("counts at the Edge, over HTTP", async () => {
    await using server = await startRedis()
    await using redis = createRedis({ transport: socketTransport({ url: server.url }) })
    await using gateway = await serveGateway({ redis, tokens: TOKEN, port: 0, drainGraceMs: 0, signals: [] })
    const { text: source } = await bundleForEdge(fileURLToPath(new URL("api/edge.ts", EXAMPLE)))
    const env = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: TOKEN }
    await using edge = await startEdge({ source, env })

    const seen = [await visitsOf(edge.url), await visitsOf(edge.url)]

    expect(seen).toEqual([{ visits: 1 }, { visits: 2 }])
  })

  it("has beside it what it is compared with, which leaves its connection to the server", async () => {
    await using server = await startRedis()
    const handler = new URL("naive/visits.ts", EXAMPLE)
    await using fluid = await startFluid({ handler, env: { REDIS_URL: server.url } })

    const first = await visitsOf(fluid.url)
    await fluid.until("suspended")

    expect(first).toEqual({ visits: 1 })
    expect(await server.clients()).toHaveLength(1)
  })
})

describe("infra/vercel/vercel.json", () => {
  const template = JSON.parse(readFileSync(TEMPLATE, "utf8"))

  it("asks for Fluid compute in a region that has a name", () => {
    expect(template).toMatchObject({ fluid: true, regions: [expect.stringMatching(/^[a-z]{3}\d$/)] })
    expect(Object.keys(template).sort()).toEqual(["$schema", "fluid", "functions", "regions"])
  })

  it("sets up functions that the example has, each with a duration that Vercel allows", () => {
    const cwd = fileURLToPath(EXAMPLE)
    const entries = Object.entries<Record<string, unknown>>(template.functions)

    expect(entries.length).toBeGreaterThan(0)
    for (const [pattern, settings] of entries) {
      expect(globSync(pattern, { cwd })).toHaveLength(1)
      expect(Object.keys(settings).sort()).toEqual(["maxDuration", "supportsCancellation"])
      expect(settings["maxDuration"]).toBeLessThanOrEqual(800)
      // Where the function itself says another, Vercel would take that.
      expect(readFileSync(new URL(pattern, EXAMPLE), "utf8")).not.toContain("maxDuration")
    }
  })

  it("holds no secret and no address", () => {
    expect(JSON.stringify({ ...template, $schema: "" })).not.toMatch(/rediss?:|https?:|token|password/i)
  })
})
