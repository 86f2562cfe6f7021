import { type RedisCluster, startCluster } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { ConfigError, createRedis, type LambdaClusterOptions, withRedis } from "../cluster.ts"
import { contextOf } from "../context.fixture.ts"

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startCluster({ password: "s3cret" })
})

afterAll(() => cluster.close())

describe("createRedis for a cluster", () => {
  it.each([
    ["a URL of all nodes", () => cluster.url],
    ["the URL of one node", () => cluster.urls[3] ?? ""],
  ])(
    "takes %s from REDIS_URL and connects to every master before the first invocation",
    async (_what, url) => {
      vi.stubEnv("REDIS_URL", url())
      await using redis = createRedis({ name: "shop" })
      await redis.settled()
      const before = redis.stats()

      const handler = withRedis(redis, () => Promise.all(["a", "b", "c"].map((key) => redis.set(key, "v"))))
      const replies = await handler({}, contextOf(3_000))

      expect(before).toMatchObject({ shared: 3, opened: 3 })
      expect(replies).toEqual(["OK", "OK", "OK"])
      expect(redis.stats().opened).toBe(3)
      const [master] = await cluster.masters()
      expect(await master?.command("CLIENT", "LIST")).toContain("name=shop")
    },
  )

  it("takes nodes, and opens nothing before the first command if told so", async () => {
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }))
    await using redis = createRedis({ cluster: nodes, password: "s3cret", prewarm: false })

    expect(redis.stats()).toMatchObject({ opened: 0, connecting: 0 })
    expect(await redis.ping()).toBe("PONG")
  })

  it.each<[LambdaClusterOptions, string]>([
    [{}, "there is no cluster to connect to: set the environment variable REDIS_URL"],
    [{ cluster: [], prewarm: false }, "cluster takes an array of URLs or { host, port }, at least one"],
    [{ cluster: ["redis://a"], url: "redis://b" }, "cluster and url contradict: keep one"],
    [{ clutser: [] } as object, "unknown option clutser: did you mean cluster?"],
    [{ url: "redis://a", max: 0 }, "createRedis: max takes a whole number"],
    [{ url: "redis://:planted@a/1" }, "a cluster has no databases"],
  ])("refuses %j", (options, problem) => {
    vi.stubEnv("REDIS_URL", undefined)

    expect(() => createRedis(options)).toThrow(ConfigError)
    expect(() => createRedis(options)).toThrow(problem)
    expect(() => createRedis(options)).not.toThrow("planted")
  })
})
