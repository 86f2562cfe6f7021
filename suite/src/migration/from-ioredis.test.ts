import { createRedis as createCore } from "@warmpool/core"
import { createRedis } from "@warmpool/lambda"
import { Command, Redis as Ioredis } from "ioredis"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { failure } from "../fault/failure.ts"
import { useRig } from "../fault/rig.ts"
import { transports } from "../transports.ts"
import { codesIn, readDocument } from "./document.ts"
import { CALLS, type OldWays, SAME } from "./ioredis-ways.ts"

const { rows } = readDocument("docs/from-ioredis.md")

const OPTIONS = rows
  .filter(({ section }) => section === "Options")
  .flatMap(({ cells }) => codesIn(cells["ioredis"]).map((option) => [option, cells["the error"]] as const))

const TOLD = rows
  .filter(({ section }) => section === "Calls")
  .map(({ cells }) => [codesIn(cells["ioredis"])[0] ?? "", codesIn(cells["the error"])[0] ?? ""] as const)

describe("the page about ioredis", () => {
  it.each(OPTIONS)("tells what becomes of the option %s", (option, error) => {
    const create = () => createRedis({ host: "localhost", prewarm: false, [option]: true })
    const [told = "nothing"] = codesIn(error)

    expect(create).toThrow(told)
    expect(create).toThrow(`unknown option ${option}: `)
  })

  it("has a row for each call that is tried here, and no other", () => {
    expect(TOLD.map(([call]) => call).sort()).toEqual(Object.keys(CALLS).sort())
  })
})

describe.each(transports)("coming from ioredis, over $name", (transport) => {
  const rig = useRig(transport)
  const theirs = (options: object = {}) => new Ioredis(rig.server.port, rig.server.host, options)

  it.each(TOLD)("tells what becomes of %s", async (call, told) => {
    const redis = rig.client()
    const attempt = CALLS[call]
    if (attempt === undefined) throw new Error("there is no such call")

    const error = await failure((async () => attempt(redis as unknown as OldWays))())

    expect(error.message).toContain(told)
    expect(redis.stats()).toMatchObject({ opened: 0, connecting: 0 })
  })

  it.each(Object.entries(SAME))("gives what ioredis gives: %s", async (_what, run) => {
    const ioredis = theirs()
    const expected = await run(ioredis)
    await ioredis.flushall()
    ioredis.disconnect()

    const given = await run(rig.client() as unknown as Ioredis)

    expect(given).toEqual(expected)
  })

  it("gives RESP2's shapes to a call in capitals too", async () => {
    const ioredis = theirs()
    await ioredis.zadd("z", 1, "one")
    const legacy = await ioredis.zrange("z", "0", "-1", "WITHSCORES")
    const escaped = await ioredis.call("ZRANGE", "z", 0, -1, "WITHSCORES")
    ioredis.disconnect()

    const given = await rig.client().call("ZRANGE", "z", 0, -1, "WITHSCORES")

    expect(escaped).toEqual([["one", "1"]])
    expect(given).toEqual(legacy)
  })

  it("gives plain bytes, not a Buffer", async () => {
    const redis = rig.client()
    await redis.set("k", "text")

    const bytes = await redis.getBuffer("k")

    expect(bytes?.constructor).toBe(Uint8Array)
    expect(Buffer.from(bytes ?? []).toString()).toBe("text")
  })

  it("prefixes the keys that ioredis prefixes", async () => {
    const run = async (redis: Ioredis) => {
      await redis.mset({ a: 1, b: 2 })
      await redis.pipeline().rename("a", "c").sadd("s", "b").exec()
      await redis.multi().sunionstore("u", "s", "s").call("SET", "d", 1).exec()
      await redis.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, "e", "f")
      const found = [await redis.keys("*"), await redis.keys("a*"), (await redis.scan(0, "MATCH", "p:a*"))[1]]
      return found.map((keys) => keys.sort())
    }
    const ioredis = theirs({ keyPrefix: "p:" })
    const expected = await run(ioredis)
    await ioredis.flushall()
    ioredis.disconnect()

    const given = await run(rig.client({ keyPrefix: "p:" }) as unknown as Ioredis)

    expect(given).toEqual(expected)
    expect(given[0]).toContain("p:c")
  })

  it("gives the server's errors as ReplyErrors, without the arguments", async () => {
    const ioredis = theirs()
    const expected = await failure(ioredis.call("NOSUCH", "planted-key"))
    ioredis.disconnect()

    const error = await failure(rig.client().call("NOSUCH", "planted-key"))

    expect(error.name).toBe("ReplyError")
    expect(expected.message.startsWith(error.message)).toBe(true)
    expect(expected.message).toContain("planted-key")
    expect(error.message).not.toContain("planted-key")
    expect(error).not.toHaveProperty("command")
  })

  it("opens nothing before it is needed", async () => {
    const redis = rig.client()
    expect(redis.stats()).toMatchObject({ opened: 0, connecting: 0 })

    await redis.ping()

    expect(redis.stats()).toMatchObject({ opened: 1 })
  })

  it("goes on beside a blocking command and a subscription", async () => {
    const redis = rig.client()
    const subscription = redis.subscribe("news")
    await subscription.ready
    const popped = redis.blpop("list", 5)

    expect(await redis.set("k", "v")).toBe("OK")
    expect(await redis.get("k")).toBe("v")
    expect(await redis.rpush("list", "x")).toBe(1)
    expect(await popped).toEqual(["list", "x"])
    await subscription.close()
  })

  it("tells of an outage the commands alone, and prints nothing", async () => {
    const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "warn"), vi.spyOn(console, "log")]
    rig.proxy.refuse()
    const redis = rig.client({ commandTimeoutMs: 100 })

    expect(await failure(redis.incr("n"))).toMatchObject({ fate: "unsent" })

    for (const spy of printed) expect(spy).not.toHaveBeenCalled()
  })
})

describe.each(transports)("beside ioredis's transformers, over $name", (transport) => {
  const rig = useRig(transport)
  beforeAll(() => {
    Command.setReplyTransformer("get", () => "transformed")
    Command.setArgumentTransformer("set", () => ["transformed", "transformed"])
  })
  afterAll(() => {
    Command.setReplyTransformer("get", (reply: unknown) => reply)
    Command.setArgumentTransformer("set", (args: unknown[]) => args)
  })

  it("takes no notice of ioredis's transformers", async () => {
    const redis = createCore({ transport: transport.open(rig.server.url) })

    await redis.set("k", "v")

    expect(await redis.get("k")).toBe("v")
    await redis.close()
  })
})
