import { ArgumentError, ReplyError } from "@warmpool/core"
import { laneOf } from "@warmpool/core/lane"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { startUpstash, type UpstashServer } from "./upstash-server.fixture.ts"
import { connect, ways } from "./ways.fixture.ts"

let server: UpstashServer
beforeAll(async () => {
  server = await startUpstash()
})
afterEach(() => server.reset())
afterAll(() => server.close())

const BYTES = Uint8Array.of(0, 255, 254, 13, 10, 34, 92, 0xc3)

describe.each(ways)("replies over $name", (way) => {
  let redis: ReturnType<typeof connect>
  beforeEach(() => {
    redis = connect(way.open(server.url))
  })
  afterEach(() => redis.close())

  it("are those of a socket: text, integers, nothing, arrays, objects", async () => {
    await redis.hset("h", { a: "1", ключ: "🦊", ok: "OK" })

    const replies = await Promise.all([
      redis.set("k", 'quoted "v"\\\r\n'),
      redis.get("k"),
      redis.get("missing"),
      redis.incr("n"),
      redis.hgetall("h"),
      redis.mget("k", "missing"),
      redis.type("h"),
      redis.ping(),
      redis.set("ok", "OK"),
      redis.get("ok"),
      redis.get(""),
    ])

    expect(replies).toEqual([
      "OK",
      'quoted "v"\\\r\n',
      null,
      1,
      { a: "1", ключ: "🦊", ok: "OK" },
      ['quoted "v"\\\r\n', null],
      "hash",
      "PONG",
      "OK",
      "OK",
      null,
    ])
  })

  it("have exact integers, however long, and leave digits in text alone", async () => {
    await redis.set("text", "12345678901234567890")

    const replies = await Promise.all([
      redis.incrby("n", "9007199254740993"),
      redis.incrby("max", "9223372036854775807"),
      redis.decrby("min", "9223372036854775807"),
      redis.incrby("safe", "9007199254740991"),
      redis.get("text"),
      redis.bitfield("b", "SET", "i64", 0, "-9223372036854775807", "GET", "i64", 0),
    ])

    expect(replies).toEqual([
      "9007199254740993",
      "9223372036854775807",
      "-9223372036854775807",
      9007199254740991,
      "12345678901234567890",
      [0, "-9223372036854775807"],
    ])
  })

  it("have exact bytes", async () => {
    await server.redis.command("SET", "k", BYTES)
    await server.redis.command("RPUSH", "l", BYTES, "OK")

    expect(await redis.getBuffer("k")).toEqual(BYTES)
    expect(await redis.lrangeBuffer("l", 0, -1)).toEqual([BYTES, Uint8Array.of(79, 75)])
    expect(await redis.getBuffer("missing")).toBeNull()
  })

  it("can be had as RESP", async () => {
    await server.redis.command("RPUSH", "l", BYTES, "x")
    await server.redis.command("SET", "n", "9007199254740992")
    const commands = [
      ["SET", "k", "v"],
      ["INCR", "n"],
      ["GET", "missing"],
      ["LRANGE", "l", "0", "-1"],
    ]

    const outcomes = await laneOf(redis).send(commands, { decode: "raw" })

    expect(outcomes.map((one) => Buffer.from(one as Uint8Array).toString("latin1"))).toEqual([
      "+OK\r\n",
      ":9007199254740993\r\n",
      "$-1\r\n",
      `*2\r\n$8\r\n${Buffer.from(BYTES).toString("latin1")}\r\n$1\r\nx\r\n`,
    ])
  })

  it("fail one command without its neighbours, and one alone", async () => {
    await redis.set("text", "text")

    const outcomes = await Promise.allSettled([redis.get("text"), redis.incr("text"), redis.get("text")])
    const alone = redis.incr("text")

    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
    await expect(alone).rejects.toThrow(ReplyError)
    await expect(alone).rejects.toThrow("ERR value is not an integer or out of range")
  })

  it("keep errors within a reply where they are", async () => {
    const reply = await redis.eval("return {1, redis.error_reply('ERR inside'), 'after'}", 0)

    expect(reply).toEqual([1, expect.any(ReplyError), "after"])
    expect(reply).toEqual([1, expect.objectContaining({ message: "ERR inside" }), "after"])
  })

  it("of a transaction are those of its commands", async () => {
    await redis.set("text", "text")

    const outcomes = await redis.multi().set("k", "v").incr("text").get("k").exec()

    expect(outcomes).toEqual([
      [null, "OK"],
      [expect.any(ReplyError), undefined],
      [null, "v"],
    ])
  })

  it("of a transaction of nothing are none", async () => {
    expect(await redis.multi().exec()).toEqual([])
    expect(server.seen).toEqual([])
  })

  it("of a transaction that is discarded are one error", async () => {
    const exec = redis.multi().set("k", "v").call("NOSUCH").exec()

    await expect(exec).rejects.toThrow("EXECABORT")
    expect(await redis.get("k")).toBeNull()
  })

  it("come to text given as bytes", async () => {
    await redis.set("k", new TextEncoder().encode("ключ"))

    expect(await redis.get("k")).toBe("ключ")
  })

  it("refuse bytes that are not text, once it is known that the server knows text only, and run the rest", async () => {
    const first = await Promise.allSettled([redis.set("a", BYTES), redis.set("b", "text")])
    const second = await Promise.allSettled([redis.set("a", BYTES), redis.set("c", "text")])
    const transaction = redis.multi().set("d", BYTES).exec()

    for (const outcomes of [first, second])
      expect(outcomes).toEqual([
        { status: "rejected", reason: expect.any(ArgumentError) },
        { status: "fulfilled", value: "OK" },
      ])
    await expect(transaction).rejects.toThrow("UTF-8 only")
    expect(await redis.mget("a", "b", "c", "d")).toEqual([null, "text", "text", null])
  })

  it("come to any bytes from a gateway, from the first request on", async () => {
    server.headers["warmpool-gateway"] = "resp2"

    await Promise.all([redis.set("a", BYTES), redis.set("ключ", "text")])
    await redis.multi().set(Buffer.from(BYTES), "b").exec()

    expect(await redis.getBuffer("a")).toEqual(BYTES)
    expect(await redis.get("ключ")).toBe("text")
    expect(await redis.get(Buffer.from(BYTES))).toBe("b")
  })
})

describe("RESP2", () => {
  it("is asked for on Node once a gateway has announced itself, but not of a transaction", async () => {
    server.headers["warmpool-gateway"] = "resp2"
    const [way] = ways
    const redis = connect((way ?? expect.fail()).open(server.url))

    await redis.get("k")
    await redis.get("k")
    await redis.multi().get("k").exec()

    const formats = server.seen.map(({ headers }) => headers["upstash-response-format"])
    expect(formats).toEqual([undefined, "resp2", undefined])
    await redis.close()
  })
})
