import { createRedis, type Redis } from "@warmpool/core"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useDoor } from "../http/door.ts"
import { allTransports } from "../transports.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

async function collect<T>(elements: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const element of elements) all.push(element)
  return all
}

describe.each(allTransports)("iterators over $name", (transport) => {
  const door = useDoor(transport, () => server)
  let redis: Redis
  beforeEach(async () => {
    await server.command("FLUSHALL")
    redis = createRedis({ transport: transport.open(door()) })
  })
  afterEach(() => redis.close())

  it("gives every key, in as many steps as the server needs", async () => {
    const keys = Array.from({ length: 500 }, (_, index) => `key:${index}`)
    await redis.mset(Object.fromEntries(keys.map((key) => [key, "1"])))

    expect(new Set(await collect(redis.scanIterator({ count: 20 })))).toEqual(new Set(keys))
  })

  it("gives only keys that match, of the type asked for", async () => {
    await redis.mset({ "a:1": "1", "b:1": "1" })
    await redis.sadd("a:set", "m")

    expect(await collect(redis.scanIterator({ match: "a:*", type: "set" }))).toEqual(["a:set"])
  })

  it("gives fields with values, members, and members with scores", async () => {
    await redis.hset("h", { a: "1", b: "2" })
    await redis.sadd("s", "x", "y")
    await redis.zadd("z", 1, "one", 2.5, "two")

    expect((await collect(redis.hscanIterator("h"))).sort()).toEqual([
      ["a", "1"],
      ["b", "2"],
    ])
    expect((await collect(redis.sscanIterator("s"))).sort()).toEqual(["x", "y"])
    expect(await collect(redis.zscanIterator("z"))).toEqual([
      ["one", "1"],
      ["two", "2.5"],
    ])
  })

  it("stops asking when its consumer stops", async () => {
    await redis.mset(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key:${index}`, "1"])))
    await server.command("CONFIG", "RESETSTAT")

    for await (const _key of redis.scanIterator({ count: 1 })) break

    expect(String(await server.command("INFO", "commandstats"))).toContain("cmdstat_scan:calls=1,")
  })

  it.each([
    ["an unknown option", { mach: "a*" }, "scanIterator: unknown option mach"],
    ["a count that is none", { count: 0 }, "scanIterator: count takes a whole number"],
  ])("refuses %s", async (_what, options, message) => {
    await expect(collect(Reflect.apply(redis.scanIterator, redis, [options]))).rejects.toThrow(message)
  })
})
