import { describe, expect, it } from "vitest"
import { cold, lines, warm } from "./client.fixture.ts"
import { ArgumentError, ReplyError, UnsupportedCommandError } from "./errors.ts"
import { fateOf } from "./fate-of.ts"
import { laneOf } from "./raw-lane.ts"
import type { PortableRedis } from "./redis.ts"

const text = { decode: "text" } as const
const decoder = new TextDecoder()

describe("the lane under a client", () => {
  it("gives each reply in its place, untransformed, an error as a value", async () => {
    const { redis } = cold({ keyPrefix: "app:" })

    const outcomes = await laneOf(redis).send(
      [
        ["HSET", "h", "f", "1"],
        ["INCR", "h"],
        ["HGETALL", "h"],
      ],
      text,
    )

    expect(outcomes).toEqual([1, expect.any(ReplyError), ["f", "1"]])
  })

  it("sends what it is given in one batch, keys as they are", async () => {
    const { redis, transport } = await warm({ keyPrefix: "app:" })

    await laneOf(redis).send(
      [
        ["SET", "k", "1"],
        ["GET", "k"],
      ],
      text,
    )

    expect(lines(transport)).toEqual(["SET k 1", "GET k"])
    expect(transport.connections[0]?.sent.length).toBe(1)
  })

  it("gives the reply's own bytes", async () => {
    const { redis } = cold()

    const [reply] = await laneOf(redis).send([["ECHO", "hi"]], { decode: "raw" })

    expect(decoder.decode(reply as Uint8Array)).toBe("$2\r\nhi\r\n")
  })

  it("refuses in its place what would hold up or change the shared connection, and runs the others", async () => {
    const { redis } = cold()

    const outcomes = await laneOf(redis).send(
      [["BLPOP", "l", "0"], ["SET", "k", "1"], ["SELECT", "1"], ["MONITOR"], ["GET", "k"]],
      text,
    )

    const refused = expect.any(UnsupportedCommandError)
    expect(outcomes).toEqual([refused, "OK", refused, refused, "1"])
  })

  it("runs a transaction", async () => {
    const { redis, transport } = await warm()

    const outcomes = await laneOf(redis).transact(
      [
        ["SET", "k", "1"],
        ["INCR", "k"],
      ],
      text,
    )

    expect(outcomes).toEqual(["OK", 2])
    expect(lines(transport)).toEqual(["MULTI", "SET k 1", "INCR k", "EXEC"])
  })

  it("refuses a transaction with a command that has no place in one", async () => {
    const { redis } = cold()

    const refused = laneOf(redis).transact(
      [
        ["SET", "k", "1"],
        ["WATCH", "k"],
      ],
      text,
    )

    await expect(refused).rejects.toBeInstanceOf(UnsupportedCommandError)
  })

  it("rejects with the reason of an abort, and the fate is known", async () => {
    const { redis, host } = await warm()
    const controller = new AbortController()
    const reason = new Error("enough")

    const aborted = laneOf(redis).send([["INCR", "n"]], { ...text, signal: controller.signal })
    controller.abort(reason)
    await host.settle()

    await expect(aborted).rejects.toBe(reason)
    expect(fateOf(aborted)).toBe("unsent")
  })

  it("answers an empty list at once", async () => {
    const { redis, transport } = cold()

    expect(await laneOf(redis).send([], text)).toEqual([])
    expect(transport.attempts).toBe(0)
  })

  it("refuses what is no client of ours", () => {
    expect(() => laneOf({} as PortableRedis)).toThrow(ArgumentError)
  })
})

describe("the lane under a lease", () => {
  it("carries what changes the connection, and evicts it then", async () => {
    const { redis, transport } = await warm()
    const lease = await redis.acquire()

    const outcomes = await laneOf(lease).send([["SELECT", "1"]], text)
    await lease.release()

    expect(outcomes).toEqual(["OK"])
    expect(lines(transport)).toContain("SELECT 1")
    expect(redis.stats().evicted).toBe(1)
  })

  it("lets a blocking command wait as long as it says", async () => {
    const { redis, host } = await warm({ commandTimeoutMs: 100 })
    const lease = await redis.acquire()

    const waiting = laneOf(lease).send([["BLPOP", "l", "2"]], text)
    await host.advance(1_000)
    await redis.rpush("l", "x")

    expect(await waiting).toEqual([["l", "x"]])
  })
})
