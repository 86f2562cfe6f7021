import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { pack, unpack } from "./next-cache/pack.ts"
import TheCache, { nextCache } from "./next-cache.ts"
import theUseCache, { nextUseCache } from "./next-use-cache.ts"
import { ConfigError, createRedis, type Redis } from "./node.ts"

const INVALID = Uint8Array.of(0xff, 0, 0xfe, 0x80, 13, 10)

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = createRedis({ url: server.url, name: "cache" })
})

afterAll(async () => {
  await redis.close()
  await server.close()
})

beforeEach(async () => {
  await server.command("FLUSHALL")
})

describe("what is packed", () => {
  it.each([
    [{ kind: "APP_ROUTE", body: Buffer.from(INVALID), status: 200, headers: { "x-tag": ["a", "b"] } }],
    [
      {
        kind: "APP_PAGE",
        html: "<p>ü</p>",
        rscData: undefined,
        segmentData: new Map([["/a", Buffer.from(INVALID)]]),
      },
    ],
    [
      {
        pageData: { $bytes: [0, 3], $map: 1, $object: { $map: [] }, __proto__x: null },
        empty: Buffer.alloc(0),
      },
    ],
    [[1.5, null, "text", [Buffer.from("a"), Buffer.from("b")]]],
    [null],
  ])("comes back as it was: %j", (value) => {
    const unpacked = unpack(pack(value))

    expect(unpacked).toEqual(value)
  })
})

describe("the data cache", () => {
  const Cache = () => new (nextCache({ redis }))({ revalidatedTags: ["gone"] })
  const fetched = { kind: "FETCH", data: { headers: {}, body: "b", url: "u" }, revalidate: 60 }
  const page = {
    kind: "APP_PAGE",
    html: "<p>",
    rscData: Buffer.from(INVALID),
    headers: { "x-next-cache-tags": "t,u" },
  }

  it("gives back what another instance has kept, its bytes and its lifetime", async () => {
    await Cache().set("/page", page, { cacheControl: { revalidate: 10, expire: 100 } })

    const entry = await Cache().get("/page", { kind: "APP_PAGE" })

    expect(entry?.value).toEqual(page)
    expect(entry?.cacheControl).toEqual({ revalidate: 10, expire: 100 })
    expect(Math.abs(Date.now() - (entry?.lastModified ?? 0))).toBeLessThan(5_000)
    expect(await Cache().get("/other", { kind: "APP_PAGE" })).toBe(null)
  })

  it("keeps an entry no longer than it may be served", async () => {
    await Cache().set("/page", page, { cacheControl: { revalidate: 10, expire: 100 } })

    expect(Number(await server.command("TTL", "next:build:/page"))).toBeGreaterThan(90)
    expect(Number(await server.command("TTL", "next:build:/page"))).toBeLessThanOrEqual(100)
  })

  it.each(["t", ["x", "u"]])("gives no page any more whose tag was revalidated: %j", async (tags) => {
    await Cache().set("/page", page)
    await Cache().set("/tagless", { kind: "APP_PAGE" })

    await Cache().revalidateTag(tags)

    expect(await Cache().get("/page", { kind: "APP_PAGE" })).toBe(null)
    expect(await Cache().get("/tagless", { kind: "APP_PAGE" })).toMatchObject({ value: { kind: "APP_PAGE" } })
  })

  it("gives one made since then", async () => {
    await Cache().revalidateTag("t")
    await sleep(2)

    await Cache().set("/page", page)

    expect(await Cache().get("/page", { kind: "APP_PAGE" })).toMatchObject({ value: page })
  })

  it("gives no fetch whose tag, or soft tag, was revalidated", async () => {
    await Cache().set("key", fetched, { fetchCache: true, tags: ["a"] })
    const asked = (tags: string[], softTags: string[]) =>
      Cache().get("key", { kind: "FETCH", tags, softTags })
    const before = await asked(["a"], ["_N_T_/"])

    await Cache().revalidateTag("_N_T_/")

    expect(before).toMatchObject({ value: fetched })
    expect(await asked(["a"], ["_N_T_/"])).toBe(null)
    expect(await asked(["a"], [])).toMatchObject({ value: fetched })
    expect(await asked(["gone"], [])).toBe(null)
  })

  it("serves once more what is stale, so old that Next makes it anew, until its time is over", async () => {
    await Cache().set("/page", page, { cacheControl: { revalidate: false } })
    await Cache().set("key", fetched, { fetchCache: true })
    await Cache().revalidateTag(["t", "a"], { expire: 3_600 })

    const stale = await Cache().get("/page", { kind: "APP_PAGE" })
    const staleFetch = await Cache().get("key", { kind: "FETCH", tags: ["a"] })
    await Cache().revalidateTag("t", { expire: 0 })

    expect(stale?.cacheControl?.revalidate).toBe(1)
    expect(Date.now() - (stale?.lastModified ?? 0)).toBeGreaterThanOrEqual(2_000)
    expect(Date.now() - (staleFetch?.lastModified ?? 0)).toBeGreaterThan(0xffff_fffe * 1_000)
    expect(await Cache().get("/page", { kind: "APP_PAGE" })).toBe(null)
  })

  it("takes no end from an earlier mark, and ends in parts of a second", async () => {
    await Cache().revalidateTag("t", { expire: -0.5 })
    await Cache().set("/page", page)

    await Cache().revalidateTag("t", {})

    expect((await Cache().get("/page", { kind: "APP_PAGE" }))?.cacheControl?.revalidate).toBe(1)
  })

  it("keeps pages of one build apart from another's, and shares what was fetched", async () => {
    const dir = await mkdtemp(join(tmpdir(), "warmpool-next-"))
    const builds = await Promise.all(
      ["one", "two"].map(async (id) => {
        const dist = join(dir, id)
        await mkdir(join(dist, "server"), { recursive: true })
        await writeFile(join(dist, "BUILD_ID"), `${id}\n`)
        return new (nextCache({ redis }))({ serverDistDir: join(dist, "server") })
      }),
    )
    const [one, two] = builds

    await one?.set("/page", page)
    await one?.set("key", fetched, { fetchCache: true })

    expect(await two?.get("/page", { kind: "APP_PAGE" })).toBe(null)
    expect(await two?.get("key", { kind: "FETCH" })).toMatchObject({ value: fetched })
    await rm(dir, { recursive: true })
  })

  it("says nothing is cached when the server is gone or an entry can't be read, and warns without showing it", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined)
    await using down = createRedis({ url: "redis://127.0.0.1:1", name: "down", commandTimeoutMs: 50 })
    await server.command("SET", "next:build:/broken", "\0\0\0\x0cplanted-text")

    const gone = new (nextCache({ redis: down }))()

    expect(await gone.get("/page")).toBe(null)
    expect(await new (nextCache({ redis }))().get("/broken")).toBe(null)
    await expect(gone.set("/page", page)).rejects.toMatchObject({ fate: "unsent" })
    await expect(gone.revalidateTag("t")).rejects.toMatchObject({ fate: "unsent" })
    expect(warn).toHaveBeenCalledTimes(2)
    expect(JSON.stringify(warn.mock.calls)).not.toContain("planted")
  })

  it("needs no server for a build", async () => {
    for (const name of ["REDIS_URL", "KV_URL", "KV_REST_API_URL", "UPSTASH_REDIS_REST_URL"])
      vi.stubEnv(name, undefined)
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined)
    const cache = new TheCache()

    await cache.set("/page", page)
    cache.resetRequestCache()

    expect(await cache.get("/page")).toBe(null)
    expect(String(warn.mock.calls[0]?.[0])).toContain("there is no server to connect to")
    expect(await theUseCache.get("key", [])).toBe(undefined)
  })

  it("takes no option but its own", () => {
    expect(() => nextCache({ prefx: "a:" } as never)).toThrow(ConfigError)
    expect(() => nextCache({ redis: {} as never })).toThrow("pass what createRedis gives")
  })
})

describe('the cache of "use cache"', () => {
  const cache = () => nextUseCache({ redis, prefix: "shop:" })
  const entry = (about: object = {}) => ({
    value: new Blob([INVALID, "text"]).stream(),
    tags: ["t"],
    stale: 300,
    timestamp: Date.now(),
    expire: 3_600,
    revalidate: 900,
    ...about,
  })
  const bytesOf = async (stream: ReadableStream | undefined) =>
    new Uint8Array(await new Response(stream).arrayBuffer())

  it("gives back what another instance has kept, a stream of its own each time", async () => {
    const { value: _, ...about } = entry({ timestamp: 1_000 })
    await cache().set("key", Promise.resolve(entry({ timestamp: 1_000 })))

    const [one, other] = [await cache().get("key", []), await cache().get("key", [])]

    expect(one).toMatchObject(about)
    expect(await bytesOf(one?.value)).toEqual(Uint8Array.of(...INVALID, ...new TextEncoder().encode("text")))
    expect(await bytesOf(other?.value)).toHaveLength(INVALID.length + 4)
    expect(await cache().get("other", [])).toBe(undefined)
  })

  it("has who asks wait for an entry that is still being made", async () => {
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof entry>>()
    const one = cache()

    const kept = one.set("key", promise)
    const asked = one.get("key", [])
    resolve(entry())

    expect(await asked).toMatchObject({ revalidate: 900 })
    await kept
  })

  it.each([
    ["a tag of its own", ["t"], []],
    ["a soft tag", ["s"], ["s"]],
  ])("gives no entry any more once %s has expired", async (_what, tags, softTags) => {
    await cache().set("key", Promise.resolve(entry()))

    await cache().updateTags(tags)

    expect(await cache().get("key", softTags)).toBe(undefined)
  })

  it("serves what is stale with the word that it is to be made anew", async () => {
    await cache().set("key", Promise.resolve(entry()))

    await cache().updateTags(["t"], { expire: 60 })

    expect(await cache().get("key", [])).toMatchObject({ revalidate: -1, expire: 3_600 })
    expect(await cache().getExpiration()).toBe(Number.POSITIVE_INFINITY)
    await cache().refreshTags()
  })

  it("keeps nothing that failed, or that lives for no time", async () => {
    vi.spyOn(process, "emitWarning").mockImplementation(() => undefined)
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("render")) })

    await cache().set("broken", Promise.resolve(entry({ value: broken })))
    await cache().set("rejected", Promise.reject(new Error("render")))
    await cache().set("dynamic", Promise.resolve(entry({ expire: 0 })))

    expect(await server.command("KEYS", "shop:*")).toEqual([])
  })
})
