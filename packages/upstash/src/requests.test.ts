import { UnsupportedCommandError } from "@warmpool/core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from "vitest"
import { startUpstash, TOKEN, type UpstashServer } from "./upstash-server.fixture.ts"
import { connect, ways } from "./ways.fixture.ts"

let server: UpstashServer
beforeAll(async () => {
  server = await startUpstash()
})
afterEach(() => server.reset())
afterAll(() => server.close())

describe.each(ways)("requests over $name", (way) => {
  let redis: ReturnType<typeof connect>
  beforeEach(() => {
    redis = connect(way.open(server.url))
  })
  afterEach(() => redis.close())

  it("carry one tick of reads and writes, in order", async () => {
    const replies = await Promise.all([
      redis.set("k", "v"),
      redis.get("k"),
      redis.hgetall("h"),
      redis.lrange("l", 0, -1),
    ])

    expect(replies).toEqual(["OK", "v", {}, []])
    expect(server.seen.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      [
        "/pipeline",
        [
          ["SET", "k", "v"],
          ["GET", "k"],
          ["HGETALL", "h"],
          ["LRANGE", "l", "0", "-1"],
        ],
      ],
    ])
  })

  it("go to the path of what they carry, with the token", async () => {
    await redis.get("k")
    await redis.multi().get("k").exec()
    await redis.pipeline().get("k").get("k").exec()

    expect(server.seen.map(({ path }) => path)).toEqual(["/", "/multi-exec", "/pipeline"])
    for (const { headers } of server.seen)
      expect(headers).toMatchObject({
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
        "upstash-sync-token": "",
      })
  })

  it("use one connection again and again", async () => {
    for (let n = 0; n < 20; n++) await redis.incr("n")

    expect(server.open).toBe(1)
  })

  it("let a read see every write before it, awaited or not", async () => {
    for (let n = 0; n < 100; n++) {
      void redis.set("k", n)
      await new Promise((resolve) => setImmediate(resolve))

      expect(await redis.get("k")).toBe(String(n))
    }
  })

  it("are split in order where there is too much for one", async () => {
    const value = "x".repeat(600_000)
    const pushes = Array.from({ length: 7 }, (_, n) => redis.rpush("l", `${n}${value}`))

    expect(await Promise.all(pushes)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(server.seen).toHaveLength(4)
    for (const { body } of server.seen) expect(body.length).toBeLessThan(10_000_000)
    expect((await redis.lrange("l", 0, -1)).map((one) => one.charAt(0)).join("")).toBe("0123456")
  })

  it("are never sent for what changes or holds up a connection", async () => {
    for (const call of [
      redis.call("SELECT", "1"),
      redis.call("WATCH", "k"),
      redis.call("BLPOP", "l", "1"),
      redis.call("SUBSCRIBE", "c"),
    ])
      await expect(call).rejects.toThrow(UnsupportedCommandError)

    expect(server.seen).toEqual([])
    expectTypeOf(redis).not.toHaveProperty("blpop")
    expectTypeOf(redis).not.toHaveProperty("watch")
    expectTypeOf(redis).not.toHaveProperty("select")
    expectTypeOf(redis).not.toHaveProperty("subscribe")
  })
})

describe("sync tokens", () => {
  it("come back with the next request, and go on to another client", async () => {
    const [way = expect.fail()] = ways
    const transport = way.open(server.url)
    const redis = connect(transport)
    server.headers["upstash-sync-token"] = "token-1"
    await redis.set("k", "v")
    server.headers["upstash-sync-token"] = "token-2"
    await redis.set("k", "v")
    const next = way.open(server.url)
    next.syncToken = transport.syncToken

    const other = connect(next)
    await other.get("k")

    expect(server.seen.map(({ headers }) => headers["upstash-sync-token"])).toEqual([
      "",
      "token-1",
      "token-2",
    ])
    await redis.close()
    await other.close()
  })

  it("are not replaced by that of an earlier request which is answered later", async () => {
    const [way = expect.fail()] = ways
    const transport = way.open(server.url)
    const redis = connect(transport)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    server.faults.push(async (response, run) => {
      const { status, headers, body } = await run()
      arrive()
      await held
      response.writeHead(status, { ...headers, "upstash-sync-token": "older" }).end(body)
    })

    const first = redis.get("k")
    await arrived
    server.headers["upstash-sync-token"] = "newer"
    await redis.get("k")
    release()
    await first

    expect(transport.syncToken).toBe("newer")
    await redis.close()
  })

  it("are left out without readYourWrites, and refused if they are none", async () => {
    const { upstashTransport } = await import("./node/transport.ts")
    const transport = upstashTransport({ url: server.url, token: TOKEN, readYourWrites: false })
    const redis = connect(transport)

    await redis.get("k")

    expect(server.seen[0]?.headers).not.toHaveProperty("upstash-sync-token")
    expect(transport.syncToken).toBeUndefined()
    expect(() => {
      transport.syncToken = "x"
    }).toThrow("syncToken takes")
    expect(() => {
      upstashTransport({ url: server.url, token: TOKEN }).syncToken = "line\nend"
    }).toThrow("syncToken takes")
    await redis.close()
  })
})
