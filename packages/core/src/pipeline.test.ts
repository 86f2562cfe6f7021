import { describe, expect, it } from "vitest"
import { batches, lines, warm, watch } from "./client.fixture.ts"
import { ArgumentError, ReplyError, UnsupportedCommandError } from "./errors.ts"
import { FakeTransport } from "./testing/fake-transport.ts"

describe("a pipeline", () => {
  it("gives each command's outcome, in order: an error or a reply", async () => {
    const { redis } = await warm()

    const outcomes = await redis.pipeline().set("k", "word").incr("k").get("k").exec()

    expect(outcomes).toEqual([
      [null, "OK"],
      [expect.any(ReplyError), undefined],
      [null, "word"],
    ])
  })

  it("sends nothing before exec", async () => {
    const { redis, transport, host } = await warm()

    const pipeline = redis.pipeline().incr("n").incr("n")
    await host.settle()

    expect(pipeline.length).toBe(2)
    expect(lines(transport)).toEqual([])
  })

  it("transforms replies as a single command does", async () => {
    const { redis } = await warm()

    const outcomes = await redis.pipeline().hset("h", { a: 1, b: 2 }).hgetall("h").hgetall("none").exec()

    expect(outcomes).toEqual([
      [null, 2],
      [null, { a: "1", b: "2" }],
      [null, {}],
    ])
  })

  it("gives bytes where bytes are asked for", async () => {
    const { redis } = await warm()
    const value = new Uint8Array([0xff, 0x00, 0xfe])

    const outcomes = await redis.pipeline().set("k", value).getBuffer("k").strlen("k").exec()

    expect(outcomes[1]).toEqual([null, value])
  })

  it("does nothing when it is empty", async () => {
    const { redis, transport } = await warm()

    expect(await redis.pipeline().exec()).toEqual([])
    expect(lines(transport)).toEqual([])
  })

  it("is executed once, and takes nothing afterwards", async () => {
    const { redis, transport } = await warm()
    const pipeline = redis.pipeline().incr("n")
    await pipeline.exec()

    await expect(pipeline.exec()).rejects.toThrow(ArgumentError)
    expect(() => pipeline.incr("n")).toThrow(ArgumentError)
    expect(lines(transport)).toEqual(["INCR n"])
  })

  it("takes commands as arrays, and by name", async () => {
    const { redis } = await warm()

    const outcomes = await redis
      .pipeline([
        ["set", "k", "1"],
        ["incr", "k"],
      ])
      .call("GET", "k")
      .exec()

    expect(outcomes).toEqual([
      [null, "OK"],
      [null, 2],
      [null, "2"],
    ])
  })

  it("takes each array as a call of the method of its name", async () => {
    const { redis } = await warm()
    const commands = [
      ["hset", "h", { a: 1 }],
      ["hgetall", "h"],
      ["hgetBuffer", "h", "a"],
      ["HGETALL", "h"],
      ["call", "HGETALL", "h"],
    ]
    const outcomes = [
      [null, 1],
      [null, { a: "1" }],
      [null, Uint8Array.of(49)],
      [null, ["a", "1"]],
      [null, ["a", "1"]],
    ]

    expect(await redis.pipeline(commands).exec()).toEqual(outcomes)
    await redis.del("h")
    expect(await redis.multi(commands).exec()).toEqual(outcomes)
    expect(() => redis.pipeline([["exec"]])).toThrow(UnsupportedCommandError)
  })

  it.each([
    [
      "BLPOP",
      (pipeline: { call(...args: [string, ...unknown[]]): unknown }) => pipeline.call("BLPOP", "l", 0),
    ],
    ["SELECT", (pipeline: { call(...args: [string, ...unknown[]]): unknown }) => pipeline.call("SELECT", 1)],
    ["WATCH", (pipeline: { call(...args: [string, ...unknown[]]): unknown }) => pipeline.call("WATCH", "k")],
    [
      "SUBSCRIBE",
      (pipeline: { call(...args: [string, ...unknown[]]): unknown }) => pipeline.call("SUBSCRIBE", "c"),
    ],
  ])("refuses %s, naming the way that works", async (name, add) => {
    const { redis } = await warm()

    expect(() => add(redis.pipeline())).toThrow(UnsupportedCommandError)
    expect(() => add(redis.pipeline())).toThrow(name)
  })

  it.each(["pipeline", "multi"] as const)(
    "refuses a callback of exec, and sends nothing: %s",
    async (kind) => {
      const { redis, transport } = await warm()
      const collected = redis[kind]().set("k", "1")

      const done = Reflect.apply(collected.exec, collected, [() => undefined])

      await expect(done).rejects.toThrow(/callbacks are not supported/)
      expect(lines(transport)).toEqual([])
    },
  )

  it.each([null, "get", {}, [["get", "k"], "get"]])("refuses %j in place of commands", async (wrong) => {
    const { redis } = await warm()

    expect(() => Reflect.apply(redis.pipeline, redis, [wrong])).toThrow(/array/)
  })

  it("runs on its lease, and its client's keys are prefixed", async () => {
    const { redis, transport } = await warm({ keyPrefix: "p:" })

    await redis.use((lease) => lease.pipeline().set("k", "1").exec())

    expect(batches(transport, 1)).toEqual([["SET p:k 1"]])
  })
})

describe("a transaction", () => {
  it("runs as one, and gives each command's outcome", async () => {
    const { redis, transport } = await warm()

    const outcomes = await redis.multi().set("k", "word").incr("k").hset("h", "a", 1).hgetall("h").exec()

    expect(outcomes).toEqual([
      [null, "OK"],
      [expect.any(ReplyError), undefined],
      [null, 1],
      [null, { a: "1" }],
    ])
    expect(lines(transport)[0]).toBe("MULTI")
    expect(lines(transport).at(-1)).toBe("EXEC")
  })

  it("gives bytes to the commands that ask for bytes, and text to the others", async () => {
    const { redis } = await warm()
    const value = new Uint8Array([0xff, 0x00, 0xfe])
    await redis.set("k", value)
    await redis.hset("h", { field: "worth" })

    const outcomes = await redis
      .multi()
      .getBuffer("k")
      .set("t", "text")
      .mget("t", "none")
      .hgetall("h")
      .incr("n")
      .incr("t")
      .exec()

    expect(outcomes).toEqual([
      [null, value],
      [null, "OK"],
      [null, ["text", null]],
      [null, { field: "worth" }],
      [null, 1],
      [expect.any(ReplyError), undefined],
    ])
  })

  it("is null when a watched key had changed", async () => {
    const { redis, transport } = await warm()
    const other = new FakeTransport({ host: transport.host, server: transport.server })
    const rival = await other.connect({ signal: new AbortController().signal })

    const outcome = await redis.use(async (lease) => {
      await lease.watch("k")
      await new Promise<void>((resolve) => {
        const done = () => resolve()
        rival.send([{ args: ["SET", "k", "2"], decode: "text", resolve: done, reject: done, lose: done }])
      })
      return lease.multi().incr("n").exec()
    })

    expect(outcome).toBeNull()
    expect(await redis.get("n")).toBeNull()
  })

  it("rejects when the server discards it, and says why", async () => {
    const { redis, host } = await warm()

    const call = watch(redis.multi().incr("n").call("GET").call("NOSUCH", "value").exec())
    await host.settle()

    expect(call.error).toMatchObject({
      kind: "EXECABORT",
      previousErrors: [
        expect.objectContaining({ message: expect.stringContaining("wrong number") }),
        expect.objectContaining({ message: expect.stringContaining("unknown command 'NOSUCH'") }),
      ],
    })
    expect(await redis.get("n")).toBeNull()
  })

  it("may be empty", async () => {
    const { redis } = await warm()

    expect(await redis.multi().exec()).toEqual([])
  })

  it("is executed once", async () => {
    const { redis } = await warm()
    const transaction = redis.multi().incr("n")
    await transaction.exec()

    await expect(transaction.exec()).rejects.toThrow(ArgumentError)
    expect(await redis.get("n")).toBe("1")
  })

  it("takes a command that blocks: inside a transaction it does not wait", async () => {
    const { redis } = await warm()
    await redis.rpush("l", "one")

    expect(await redis.multi().call("BLPOP", "l", 0).exec()).toEqual([[null, ["l", "one"]]])
  })

  it.each(["SELECT", "WATCH"])("refuses %s", async (name) => {
    const { redis } = await warm()

    expect(() => redis.multi().call(name, "1")).toThrow(UnsupportedCommandError)
  })
})
