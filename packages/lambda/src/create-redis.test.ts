import { startFaultProxy, startRedis } from "@warmpool/local"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { ConfigError, createRedis, withRedis } from "./index.ts"

const unhandled: unknown[] = []
const note = (reason: unknown) => unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on("unhandledRejection", note)
})

afterEach(() => {
  process.off("unhandledRejection", note)
})

/** Long enough for a rejection that nobody handles to be reported. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe("createRedis", () => {
  it("takes the server from REDIS_URL and connects before the first invocation", async () => {
    await using server = await startRedis({ password: "right" })
    await using proxy = await startFaultProxy({ target: server })
    vi.stubEnv("REDIS_URL", proxy.url())

    await using redis = createRedis({ database: 3, name: "shop", keyPrefix: "p:" })
    await proxy.until(({ connections }) => connections === 1)
    await withRedis(redis, () => redis.set("key", "value"))({}, contextOf(3_000))

    expect(await server.clients()).toEqual([expect.objectContaining({ name: "shop", db: "3" })])
    expect(proxy.counts.connections).toBe(1)
    await server.command("SELECT", "3")
    expect(await server.command("GET", "p:key")).toBe("value")
  })

  it("opens nothing before the first command if told so", async () => {
    await using server = await startRedis()
    await using redis = createRedis({ url: server.url, prewarm: false })

    await turns()
    const before = redis.stats()
    await redis.ping()

    expect(before).toMatchObject({ opened: 0, connecting: 0 })
    expect(redis.stats().opened).toBe(1)
  })

  it("says what is missing without REDIS_URL", () => {
    vi.stubEnv("REDIS_URL", undefined)

    expect(() => createRedis()).toThrow(ConfigError)
    expect(() => createRedis()).toThrow("set the environment variable REDIS_URL")
  })
})

describe("warming up in vain fails nothing, and the invocation is told why", () => {
  it("when the server is down", async () => {
    await using server = await startRedis()
    await server.kill()
    const redis = createRedis({ url: server.url, commandTimeoutMs: 150 })

    await expect(withRedis(redis, () => redis.get("key"))({}, contextOf(3_000))).rejects.toMatchObject({
      name: "TimeoutError",
      fate: "unsent",
      message: expect.stringContaining("ECONNREFUSED"),
    })
    await redis.close()
    expect(unhandled).toEqual([])
  })

  it("when the host has no address", async () => {
    const redis = createRedis({ url: "redis://nowhere.invalid", commandTimeoutMs: 150 })

    await expect(withRedis(redis, () => redis.get("key"))({}, contextOf(3_000))).rejects.toMatchObject({
      fate: "unsent",
    })
    await redis.close()
    expect(unhandled).toEqual([])
  })

  it("when the password is wrong", async () => {
    await using server = await startRedis({ password: "right" })
    const redis = createRedis({ url: `redis://:planted@${server.host}:${server.port}` })

    const failed = await withRedis(redis, () => redis.get("key"))({}, contextOf(3_000)).catch(
      (error) => error,
    )
    await redis.close()

    expect(failed).toMatchObject({ message: expect.stringContaining("WRONGPASS"), fate: "unsent" })
    expect(String(failed.stack)).not.toContain("planted")
    expect(unhandled).toEqual([])
  })

  it("when the server is silent", async () => {
    await using server = await startRedis({ password: "right" })
    await server.pause()
    const redis = createRedis({ url: server.url, commandTimeoutMs: 150 })

    await expect(withRedis(redis, () => redis.get("key"))({}, contextOf(3_000))).rejects.toMatchObject({
      name: "TimeoutError",
    })
    await redis.close()
    expect(unhandled).toEqual([])
  })

  it("when the client is closed at once", async () => {
    await using server = await startRedis()

    await createRedis({ url: server.url }).close()
    await turns()

    expect(unhandled).toEqual([])
    expect(await server.clients()).toEqual([])
  })
})
