import { type FaultProxy, type LocalEdge, startEdge, startFaultProxy } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePair } from "../differential/pair.ts"
import { GATEWAY_TOKEN, overGateway } from "../transports.ts"
import { hear } from "./carried.ts"
import { bundleForEdge } from "./edge-bundle.ts"

const [transport] = overGateway
if (transport === undefined) throw new Error("there is no transport over HTTP")

/** Files that only connections of our own need. */
const FOR_SOCKETS = /packages\/socket\/|core\/dist\/(?:pool|leases|shared-lane|resp\/)|dist\/node/

async function ask(edge: LocalEdge, path: string): Promise<unknown> {
  const response = await fetch(`${edge.url}${path}`)
  return hear(await response.json())
}

describe("the entry for the Edge, in edge-runtime", () => {
  const pair = usePair(transport)
  let source: string
  let edge: LocalEdge
  let proxy: FaultProxy

  beforeAll(async () => {
    source = (await bundleForEdge("./edge.fixture.ts")).text
    const { hostname, port } = new URL(pair.url)
    proxy = await startFaultProxy({ target: { host: hostname, port: Number(port) } })
    const env = { SHOP_KV_REST_API_URL: pair.url, SHOP_KV_REST_API_TOKEN: GATEWAY_TOKEN }
    edge = await startEdge({ source, env })
  })

  afterAll(async () => {
    await edge?.close()
    await proxy?.close()
  })

  it("finds its server in the environment, whatever prefix an integration gave it", async () => {
    expect([await ask(edge, "/visit"), await ask(edge, "/visit")]).toEqual([1, 2])
  })

  it("gives each of many requests its own replies", async () => {
    const ids = Array.from({ length: 100 }, (_, index) => String(index))

    const answers = await Promise.all(ids.map((id) => ask(edge, `/own?id=${id}`)))

    expect(answers).toEqual(ids.map((id) => [id, id]))
  })

  it("has the platform wait for a command that nobody awaits", async () => {
    await ask(edge, "/forget")
    await edge.until("idle")

    expect(await pair.theirs.get("visits")).toBe("1")
  })

  it("refuses what wants a connection of its own, and says so", async () => {
    const [, refusal] = (await ask(edge, "/leases")) as [boolean, Error]

    expect(refusal.name).toBe("UnsupportedCommandError")
    expect(refusal.message).toContain("use a transport over TCP")
  })

  it("ends commands in time for the function to answer", async () => {
    await using stalled = await startEdge({
      source,
      env: { KV_REST_API_URL: proxy.url().replace("redis:", "http:"), KV_REST_API_TOKEN: GATEWAY_TOKEN },
    })
    await ask(stalled, "/visit")
    proxy.silence()

    const startedAt = Date.now()
    const late = await ask(stalled, "/late")

    expect(late).toBe("TimeoutError")
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })

  it.each([
    [undefined, "set UPSTASH_REDIS_REST_URL with UPSTASH_REDIS_REST_TOKEN"],
    [{ KV_URL: "redis://:planted@host" }, "REDIS_URL needs a socket, which the Edge runtime has not"],
  ])("says what is missing with %j for an environment", async (env, words) => {
    await using without = await startEdge({ source, ...(env && { env }) })

    const error = (await ask(without, "/visit")) as Error

    expect(error.name).toBe("ConfigError")
    expect(error.message).toContain(words)
    expect(error.message).not.toContain("planted")
  })
})

describe("what is bundled for the Edge", () => {
  it("holds nothing of Node and nothing for TCP", async () => {
    const { files, imports, text } = await bundleForEdge("./edge.fixture.ts")

    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((path) => FOR_SOCKETS.test(path))).toEqual([])
    expect(imports).toEqual([])
    expect(text).not.toContain("node:")
  })
})
