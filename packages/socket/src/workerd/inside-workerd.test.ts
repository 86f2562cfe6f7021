import { fileURLToPath } from "node:url"
import { type RedisServer, startRedis } from "@warmpool/local"
import { build } from "esbuild"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let redis: RedisServer
let runtime: Miniflare

beforeAll(async () => {
  redis = await startRedis({ password: "right" })
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL("./worker.fixture.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    conditions: ["workerd"],
    external: ["cloudflare:*"],
  })
  // Without `nodejs_compat`: nothing of Node is there to lean on.
  runtime = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
  })
  await runtime.ready
})

afterAll(async () => {
  await runtime.dispose()
  await redis.close()
})

async function run(
  scenario: string,
  options: { port?: number; password?: string | undefined } = {},
): Promise<unknown> {
  const { port, password } = { port: redis.port, password: "right", ...options }
  const query = new URLSearchParams({ scenario, port: String(port), ...(password && { password }) })
  const response = await runtime.dispatchFetch(`http://worker/?${query}`)
  return response.json()
}

describe("the socket transport inside workerd", () => {
  it("answers a batch in order, and takes nothing once it is closed", async () => {
    expect(await run("ask")).toEqual([
      "OK",
      "v",
      1,
      "ReplyError: ERR unknown command 'NOSUCH'",
      "unsent: the connection was closed",
    ])
  })

  it("carries large values both ways and tells when it has drained", async () => {
    const { backlog, left, same } = (await run("large")) as { backlog: number; left: number; same: boolean }

    expect(backlog).toBeGreaterThan(5_000_000)
    expect(left).toBe(0)
    expect(same).toBe(true)
  })

  it("notices that the server closes", async () => {
    expect(await run("killed")).toEqual([
      "the server closed the connection",
      "unsent: the server closed the connection",
    ])
  })

  it("is gone when it is destroyed, although the server never answers", async () => {
    expect(await run("destroyed")).toBe("unknown: given up")
    await expect.poll(async () => (await redis.clients()).length).toBe(0)
  })

  it("is gone when it is destroyed with a server that takes nothing; what lay behind never runs", async () => {
    await using paused = await startRedis()
    await paused.pause()

    const stuck = await run("stuck", { port: paused.port, password: undefined })
    paused.resume()

    expect(stuck).toMatchObject({ fates: ["unknown: given up", "unsent: given up"] })
    await expect.poll(async () => (await paused.clients()).length).toBe(0)
    expect(await paused.command("EXISTS", "behind", "x39")).toBe(0)
  })

  it("opens nothing that its signal has given up", async () => {
    expect(await run("aborted")).toBe("ConnectionError: the connection was given up before it stood")
  })

  it("says that nobody listens", async () => {
    expect(await run("opened", { port: 1 })).toMatch(/^ConnectionError: no connection to 127\.0\.0\.1:1: /)
  })

  it("says what the server says to a wrong password", async () => {
    expect(await run("opened", { password: "planted-wrong" })).toBe(
      "ReplyError: WRONGPASS invalid username-password pair or user is disabled.",
    )
  })
})
