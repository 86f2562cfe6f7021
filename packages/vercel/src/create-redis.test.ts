import { execFileSync } from "node:child_process"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { ConfigError, createRedis, redis } from "./node.ts"

const NAMES = ["REDIS_URL", "KV_URL", "UPSTASH_REDIS_REST_URL", "KV_REST_API_URL", "VERCEL"]

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})

afterAll(async () => {
  await server.close()
})

beforeEach(() => {
  for (const name of NAMES) vi.stubEnv(name, undefined)
})

/** Names of the connections that the server has. */
async function connected(): Promise<(string | undefined)[]> {
  return (await server.clients()).map(({ name }) => name)
}

describe("redis", () => {
  it("is there without any variable, and its commands say what is missing", async () => {
    await expect(redis.get("k")).rejects.toThrow(ConfigError)
    await expect(redis.get("k")).rejects.toThrow("set REDIS_URL, or KV_URL, or UPSTASH_REDIS_REST_URL")
    await expect(redis.settled()).resolves.toBeUndefined()
    expect(redis.stats().opened).toBe(0)
  })

  it("finds its server when it is used, and is the client without options", async () => {
    vi.stubEnv("STORAGE_REDIS_URL", server.url)

    expect(await redis.set("k", "v")).toBe("OK")
    expect(createRedis()).toBe(redis)
    await redis.close()
  })

  it("is followed by another once it is closed", async () => {
    vi.stubEnv("REDIS_URL", server.url)
    const next = createRedis()

    expect(next).not.toBe(redis)
    expect(await next.get("k")).toBe("v")
    await next.close()
  })
})

describe("the package", () => {
  it("loads in a process without variables, and opens nothing", () => {
    const script = `
      const { redis } = await import("@warmpool/vercel")
      process.stdout.write(JSON.stringify([typeof redis.get, process.getActiveResourcesInfo()]))
    `
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
      env: {},
      encoding: "utf8",
    })

    expect(JSON.parse(output)[0]).toBe("function")
    expect(JSON.parse(output)[1]).not.toContain("TCPSocketWrap")
  })
})

describe("createRedis", () => {
  it("takes the server from its options, and its name", async () => {
    await using named = createRedis({ url: server.url, name: "shop", database: 3, keyPrefix: "p:" })

    await named.set("k", "three")

    expect(await connected()).toEqual(["shop"])
    await server.command("SELECT", "3")
    expect(await server.command("GET", "p:k")).toBe("three")
    await server.command("SELECT", "0")
  })

  it.each([
    [{ max: 0 }, "max"],
    [{ uri: "redis://host" }, "did you mean url?"],
    [{ onIdle: "stay" }, '"close" or "surplus" or "keep"'],
    [{ url: "https://host" }, "url is over HTTP: pass its token, too"],
    [{ url: "redis://host", token: "planted" }, "token goes with an https: url"],
    [{ url: "https://host", token: "t", database: 1 }, "database has no meaning over HTTP"],
    [{ url: "redis://host", port: 1 }, "url and port contradict"],
    [{ transport: {}, url: "redis://host" }, "transport already says where the server is"],
  ])("refuses %j at once", (options, words) => {
    expect(() => createRedis(options as never)).toThrow(ConfigError)
    expect(() => createRedis(options as never)).toThrow(words)
    expect(() => createRedis(options as never)).not.toThrow("planted")
  })

  it("does not show a URL of the environment that is wrong", async () => {
    vi.stubEnv("REDIS_URL", "redis://:planted@")
    await using wrong = createRedis({ name: "wrong" })

    const error = await wrong.get("k").catch((reason) => reason)

    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error.stack)).toContain("from REDIS_URL")
    expect(String(error.stack)).not.toContain("planted")
  })
})

describe("one configuration", () => {
  afterEach(async () => {
    await createRedis({ url: server.url, name: "one" }).close()
    await createRedis({ url: server.url, name: "other" }).close()
  })

  it("is one client, however often its module runs", async () => {
    const first = createRedis({ url: server.url, name: "one" })
    for (let reload = 0; reload < 50; reload += 1) {
      vi.resetModules()
      const fresh = await import("./node.ts")
      expect(fresh.createRedis({ name: "one", url: server.url })).toBe(first)
      await fresh.createRedis({ name: "one", url: server.url }).ping()
    }

    expect(await connected()).toEqual(["one"])
  })

  it("that is new has the others give up their connections, which they open again when used", async () => {
    const one = createRedis({ url: server.url, name: "one" })
    await one.ping()
    const other = createRedis({ url: server.url, name: "other" })
    await other.ping()
    await expect.poll(connected).toEqual(["other"])

    await one.ping()

    expect((await connected()).sort()).toEqual(["one", "other"])
  })

  it("whose environment has changed is drained and replaced", async () => {
    vi.stubEnv("REDIS_URL", `${server.url}/1`)
    const before = createRedis({ name: "moved" })
    await before.ping()
    vi.stubEnv("REDIS_URL", `${server.url}/2`)

    await using after = createRedis({ name: "moved" })
    await after.ping()

    await expect(before.ping()).rejects.toMatchObject({ name: "PoolClosedError" })
    await expect
      .poll(async () => (await server.clients()).map(({ name, db }) => [name, db]))
      .toEqual([["moved", "2"]])
  })
})
