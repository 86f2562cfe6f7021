import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { ConfigError, createRedis, redis, withRedis } from "./edge.ts"

const NAMES = ["UPSTASH_REDIS_REST_URL", "KV_REST_API_URL", "REDIS_URL"]

/** Answers each command of a request with its own words. */
async function echo(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  asked.push(String(incoming.headers.authorization))
  const body: unknown[] = JSON.parse(await text(incoming))
  const results = body.map((command) => ({ result: Buffer.from(String(command)).toString("base64") }))
  outgoing.setHeader("content-type", "application/json")
  outgoing.end(JSON.stringify(Array.isArray(body[0]) ? results : { result: btoa(body.join(",")) }))
}

const asked: string[] = []
const server = createServer((incoming, outgoing) => void echo(incoming, outgoing))
let url = ""

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

beforeEach(() => {
  for (const name of NAMES) vi.stubEnv(name, undefined)
})

afterEach(() => {
  asked.splice(0)
})

describe("the client at the edge", () => {
  it("looks for its server when it is first used, and says what is missing", async () => {
    await expect(redis.get("k")).rejects.toThrow(ConfigError)
    await expect(redis.get("k")).rejects.toThrow("set UPSTASH_REDIS_REST_URL with UPSTASH_REDIS_REST_TOKEN")
    vi.stubEnv("SHOP_KV_REST_API_URL", url)
    vi.stubEnv("SHOP_KV_REST_API_TOKEN", "shop-token")

    expect(await redis.get("k")).toBe("GET,k")
    expect(asked).toEqual(["Bearer shop-token"])
  })

  it("takes it from its options", async () => {
    const own = createRedis({ url, token: "own-token", keyPrefix: "p:" })

    expect(await Promise.all([own.get("a"), own.get("b")])).toEqual(["GET,p:a", "GET,p:b"])
    expect(asked).toEqual(["Bearer own-token"])
  })

  it.each([
    [{ url: "https://host" }, "url and token go together"],
    [{ token: "planted" }, "url and token go together"],
    [{ url: "redis://:planted@host", token: "t" }, "url takes https://host"],
    [{ max: 5 }, "unknown option max"],
    [{ transport: {}, url: "https://host", token: "t" }, "transport is in place of both"],
  ])("refuses %j at once", (options, words) => {
    expect(() => createRedis(options as never)).toThrow(ConfigError)
    expect(() => createRedis(options as never)).toThrow(words)
    expect(() => createRedis(options as never)).not.toThrow("planted")
  })
})

describe("withRedis, where nobody knows which request is which", () => {
  it("settles all commands before the answer leaves", async () => {
    const own = createRedis({ url, token: "own-token" })
    const outcomes: unknown[] = []
    const handler = withRedis(own, async (request: Request) => {
      void own.get("forgotten").then((reply) => outcomes.push(reply))
      return new Response(new URL(request.url).pathname)
    })

    const response = await handler(new Request("http://local/path"))

    expect(await response.text()).toBe("/path")
    expect(outcomes).toEqual(["GET,forgotten"])
  })
})
