import { describe, expect, it } from "vitest"
import { batches, lines, record, warm, watch } from "./client.fixture.ts"
import { ConnectionError, OutcomeUnknownError, ReplyError } from "./errors.ts"

const REFUSALS = [
  "READONLY You can't write against a read only replica.",
  "LOADING Redis is loading the dataset in memory",
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  "NOAUTH Authentication required.",
  "TRYAGAIN Multiple keys request during rehashing of slot",
  "CLUSTERDOWN The cluster is down",
  "ERR max number of clients reached",
]

describe("a refused command", () => {
  it.each(REFUSALS)("is sent again after %s", async (message) => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError(message))

    const call = watch(redis.incr("n"))
    await host.advance(100)

    expect(call).toMatchObject({ state: "resolved", value: 1 })
  })

  it.each([
    ["READONLY You can't write against a read only replica.", 2],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 2],
    ["NOAUTH Authentication required.", 2],
    ["LOADING Redis is loading the dataset in memory", 1],
    ["TRYAGAIN Multiple keys request during rehashing of slot", 1],
  ])("after %s leaves %i connections opened and one open", async (message, opened) => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError(message))

    watch(redis.incr("n"))
    await host.advance(100)

    expect(transport.connections).toHaveLength(opened)
    expect(transport.open).toHaveLength(1)
  })

  it.each([
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM this user has no permissions to run the 'incr' command",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
  ])("is not sent again after %s", async (message) => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError(message))

    const call = watch(redis.incr("n"))
    await host.advance(2_000)

    expect(call).toMatchObject({ error: expect.any(ReplyError), fate: undefined })
    expect(transport.commands).toHaveLength(1)
  })

  it("keeps its order among the others that were refused", async () => {
    const { redis, transport, host } = await warm()
    for (let n = 0; n < 3; n += 1) transport.answerNext(new ReplyError("LOADING Redis is loading"))

    const calls = [redis.set("k", "1"), redis.append("k", "2"), redis.get("k")].map(watch)
    await host.advance(100)

    expect(batches(transport)).toEqual([
      ["SET k 1", "APPEND k 2", "GET k"],
      ["SET k 1", "APPEND k 2", "GET k"],
    ])
    expect(calls.map(({ value }) => value)).toEqual(["OK", 2, "12"])
  })

  it("goes before what was issued while it waited", async () => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError("LOADING Redis is loading"))
    watch(redis.set("k", "old"))
    await host.settle()

    const late = watch(redis.append("k", "+new"))
    await host.advance(100)

    expect(lines(transport)).toEqual(["SET k old", "SET k old", "APPEND k +new"])
    expect(late.value).toBe(7)
  })

  it("fails with the refusal when a later write was acknowledged meanwhile", async () => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError("TRYAGAIN Multiple keys request"))

    const [first, second] = [watch(redis.set("k", "1")), watch(redis.set("k", "2"))]
    await host.advance(2_000)

    expect(first).toMatchObject({ error: expect.any(ReplyError), fate: "refused" })
    expect(second.value).toBe("OK")
    expect(lines(transport)).toEqual(["SET k 1", "SET k 2"])
  })

  it("is sent again when only reads were answered behind it", async () => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError("TRYAGAIN Multiple keys request"))

    const [write, read] = [watch(redis.set("k", "1")), watch(redis.get("k"))]
    await host.advance(100)

    expect(write.value).toBe("OK")
    expect(read.value).toBeNull()
  })

  it("says so, in the server's words, when the deadline comes first", async () => {
    const { redis, transport, host } = await warm()
    for (let n = 0; n < 100; n += 1) transport.answerNext(new ReplyError("LOADING Redis is loading"))

    const call = watch(redis.incr("n"))
    await host.advance(1_100)

    expect(call).toMatchObject({ error: expect.any(ReplyError), fate: "refused" })
    expect(call.error?.message).toBe("LOADING Redis is loading")
  })

  it("is unknown, not refused, when it may have run before it was refused", async () => {
    const { redis, transport, host } = await warm({ retryWrites: "overwrites" })
    transport.loseReplyOf(1)
    const call = watch(redis.set("k", "1"))
    await host.settle()
    for (let n = 0; n < 100; n += 1) transport.answerNext(new ReplyError("LOADING Redis is loading"))

    await host.advance(1_100)

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
  })

  it("is unknown when it was sent again and no reply came", async () => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError("LOADING Redis is loading"))
    transport.loseReplyOf(2, "silence")

    const call = watch(redis.incr("n"))
    await host.advance(1_100)

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(transport.server.database(0).has("n")).toBe(true)
  })

  it("takes a refused pipeline and a refused transaction with it", async () => {
    const { redis, transport, host } = await warm()
    for (let n = 0; n < 3; n += 1) transport.answerNext(new ReplyError("LOADING Redis is loading"))

    const calls = [redis.pipeline().incr("n").incr("n").exec(), redis.multi().incr("n").exec()].map(watch)
    await host.advance(100)

    expect(calls.map(({ value }) => value)).toEqual([
      [
        [null, 1],
        [null, 2],
      ],
      [[null, 3]],
    ])
  })

  it("does not wait, nor count, once it was overtaken and failed", async () => {
    const { redis, transport, host } = await warm()
    const retries = record(redis, "retry")
    transport.answerNext(new ReplyError("TRYAGAIN Multiple keys request"))

    watch(redis.set("k", "1"))
    watch(redis.set("k", "2"))
    await host.settle()

    expect(retries).toEqual([])
  })

  it("survives the loss of the connection that refused it", async () => {
    const { redis, transport, host } = await warm()
    transport.answerNext(new ReplyError("LOADING Redis is loading"))
    const call = watch(redis.incr("n"))
    await host.settle()

    transport.connections[0]?.destroy(new ConnectionError("gone"))
    await host.advance(200)

    expect(call.value).toBe(1)
  })
})
