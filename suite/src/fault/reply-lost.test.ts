import { setTimeout as wait } from "node:timers/promises"
import { ConnectionError, fateOf, OutcomeUnknownError, type Redis, TimeoutError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { type ClientOptions, useRig } from "./rig.ts"

const ENDS = ["cut", "reset", "silence"] as const
type End = (typeof ENDS)[number]

/** Only silence has to be waited for: for the reply, and until the connection is doubted. */
function optionsFor(end: End): ClientOptions {
  return end === "silence" ? { commandTimeoutMs: 200, validateAfterMs: 100 } : { commandTimeoutMs: 5_000 }
}

/** Reads back what became of a command: until the connection is replaced, if need be. */
function patient(redis: Redis): Redis {
  return redis.with({ timeoutMs: 5_000 })
}

type Row = readonly [name: string, ...args: string[]]

/** Each leaves its trace once: the second column reads it back. */
const WRITES: readonly (readonly [write: Row, trace: Row, once: unknown])[] = [
  [["incr", "k"], ["GET", "k"], "1"],
  [["set", "k", "v"], ["GET", "k"], "v"],
  [["append", "k", "x"], ["GET", "k"], "x"],
  [["lpush", "k", "x"], ["LLEN", "k"], 1],
  [["sadd", "k", "x"], ["SCARD", "k"], 1],
  [["hincrby", "k", "f", "2"], ["HGET", "k", "f"], "2"],
  [["setnx", "k", "v"], ["GET", "k"], "v"],
  [
    ["mset", "k", "v", "l", "w"],
    ["MGET", "k", "l"],
    ["v", "w"],
  ],
  [["eval", "return redis.call('incr', KEYS[1])", "1", "k"], ["GET", "k"], "1"],
  [["xadd", "k", "*", "f", "v"], ["XLEN", "k"], 1],
]

const READS: readonly (readonly [read: Row, reply: unknown])[] = [
  [["get", "string"], "text"],
  [
    ["mget", "string", "missing"],
    ["text", null],
  ],
  [["exists", "string"], 1],
  [["strlen", "string"], 4],
  [
    ["hgetall", "hash"],
    ["field", "value"],
  ],
  [
    ["lrange", "list", "0", "-1"],
    ["a", "b"],
  ],
  [["smembers", "set"], ["member"]],
  [
    ["zrange", "sorted", "0", "-1", "WITHSCORES"],
    ["one", "1"],
  ],
  [["ttl", "string"], -1],
  [["object", "encoding", "string"], "embstr"],
]

async function seed(command: (...args: string[]) => Promise<unknown>): Promise<void> {
  await command("SET", "string", "text")
  await command("HSET", "hash", "field", "value")
  await command("RPUSH", "list", "a", "b")
  await command("SADD", "set", "member")
  await command("ZADD", "sorted", "1", "one")
}

describe.each(transports)("a reply lost over $name", (transport) => {
  const rig = useRig(transport)
  const seeded = () => seed((...args) => rig.server.command(...args))

  describe.each(ENDS)("by %s", (and) => {
    const lossOf = and === "silence" ? TimeoutError : ConnectionError

    it.each(WRITES)("leaves %j unknown, run once", async ([name, ...args], [reader, ...of], once) => {
      const redis = await rig.warmClient(optionsFor(and))
      await rig.forgetCalls()
      rig.proxy.dropReply({ command: name, and })

      const promise = redis.call(name, ...args)
      const error = await failure(promise)

      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error).toMatchObject({ fate: "unknown", cause: expect.any(lossOf) })
      expect(fateOf(promise)).toBe("unknown")
      expect(await patient(redis).call(reader, ...of)).toEqual(once)
      expect(await rig.calls(name)).toBe(1)
    })

    it("sends a SET again when overwrites may be retried", async () => {
      const redis = await rig.warmClient({
        commandTimeoutMs: 2_000,
        retryWrites: "overwrites",
      })
      await rig.forgetCalls()
      rig.proxy.dropReply({ command: "set", and })

      expect(await redis.set("k", "v")).toBe("OK")

      expect(await redis.get("k")).toBe("v")
      expect(await rig.calls("set")).toBe(2)
    })

    it.each([
      ["SET with a condition", (redis: Redis) => redis.set("k", "v", "NX"), "set"],
      ["SET with an expiry", (redis: Redis) => redis.set("k", "v", "EX", 100), "set"],
      ["INCR", (redis: Redis) => redis.incr("k"), "incr"],
      ["DEL", (redis: Redis) => redis.del("k"), "del"],
    ])("leaves %s unknown even when overwrites may be retried", async (_what, write, name) => {
      const redis = await rig.warmClient({ ...optionsFor(and), retryWrites: "overwrites" })
      await rig.forgetCalls()
      rig.proxy.dropReply({ command: name, and })

      expect(await failure(write(redis))).toBeInstanceOf(OutcomeUnknownError)
      expect(await patient(redis).ping()).toBe("PONG")
      expect(await rig.calls(name)).toBe(1)
    })

    it.each(READS)(
      "gets the reply of %j by itself from an idle connection",
      async ([name, ...args], reply) => {
        await seeded()
        const redis = await rig.warmClient({ commandTimeoutMs: 5_000, validateAfterMs: 20 })
        if (and === "silence") await wait(30)
        const { struck } = rig.proxy.dropReply({ command: name, and })

        expect(await redis.call(name, ...args)).toEqual(reply)

        await struck
        expect(redis.stats()).toMatchObject({ shared: 1 })
        expect(redis.stats().opened).toBeGreaterThanOrEqual(2)
      },
    )

    it("gets the reply of a read by itself from a connection that just answered", async () => {
      await seeded()
      const redis = await rig.warmClient({ commandTimeoutMs: 2_000 })
      const { struck } = rig.proxy.dropReply({ command: "get", and })

      expect(await redis.get("string")).toBe("text")

      await struck
      expect(redis.stats()).toMatchObject({ shared: 1 })
      expect(redis.stats().opened).toBeGreaterThanOrEqual(2)
    })

    it("sends only the unanswered reads of a pipeline again", async () => {
      await seeded()
      const redis = await rig.warmClient({ commandTimeoutMs: 2_000 })
      await rig.forgetCalls()
      rig.proxy.dropReply({ command: "get", nth: 4, and })
      const pipeline = redis.pipeline()
      for (let n = 0; n < 10; n++) pipeline.get("string")

      const outcomes = await pipeline.exec()

      expect(outcomes).toEqual(Array.from({ length: 10 }, () => [null, "text"]))
      expect(await rig.calls("get")).toBe(3 + 7 + 7)
    })

    it("leaves the unanswered writes of a pipeline unknown and repeats its reads", async () => {
      await seeded()
      const redis = await rig.warmClient({ commandTimeoutMs: and === "silence" ? 400 : 5_000 })
      await rig.forgetCalls()
      rig.proxy.dropReply({ command: "incr", nth: 2, and })

      const outcomes = await redis.pipeline().incr("n").get("string").incr("n").get("string").incr("n").exec()

      const [first, answered, second, repeated, third] = outcomes
      expect([first, answered]).toEqual([
        [null, 1],
        [null, "text"],
      ])
      expect([second?.[0], third?.[0]]).toEqual([
        expect.any(OutcomeUnknownError),
        expect.any(OutcomeUnknownError),
      ])
      if (and !== "silence") expect(repeated).toEqual([null, "text"])
      expect(await rig.server.command("GET", "n")).toBe("3")
      expect(await rig.calls("incr")).toBe(3)
    })

    it.each(["exec", "multi", "incr"])("never repeats a transaction: the reply to %s", async (command) => {
      const redis = await rig.warmClient(optionsFor(and))
      await rig.forgetCalls()
      rig.proxy.dropReply({ command, and })

      const error = await failure(redis.multi().incr("n").incr("n").exec())

      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error.cause).toBeInstanceOf(lossOf)
      expect(await patient(redis).get("n")).toBe("2")
      expect(await rig.calls("incr")).toBe(2)
    })

    it("never repeats what was sent on a lease, not even a read", async () => {
      await seeded()
      const redis = rig.client(optionsFor(and))
      await using lease = await redis.acquire()
      await lease.select(0)
      rig.proxy.dropReply({ command: "incr", and })

      const results = await Promise.allSettled([lease.incr("n"), lease.get("string")])

      expect(results).toMatchObject([
        { status: "rejected", reason: { fate: "unknown", code: "ERR_OUTCOME_UNKNOWN" } },
        { status: "rejected", reason: { fate: "unknown" } },
      ])
      expect(await patient(redis).get("n")).toBe("1")
    })

    it("never repeats a command that waits on the server", async () => {
      await rig.server.command("RPUSH", "jobs", "first", "second")
      const redis = await rig.warmClient(optionsFor(and))
      rig.proxy.dropReply({ command: "blpop", and })

      const error = await failure(redis.blpop("jobs", 0.1))

      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(await patient(redis).lrange("jobs", 0, -1)).toEqual(["second"])
    })
  })

  it.each([1, 5, 100_000])(
    "reads a large value whole though its first reply was cut after %i bytes",
    async (afterBytes) => {
      const value = "0123456789".repeat(100_000)
      await rig.server.command("SET", "k", value)
      const redis = await rig.warmClient()
      rig.proxy.cutReply({ command: "get", afterBytes })

      expect((await redis.get("k")) === value).toBe(true)
    },
  )

  it("does not take half an integer for the whole", async () => {
    await rig.server.command("SET", "n", "1234")
    const redis = await rig.warmClient()
    rig.proxy.cutReply({ command: "incr", afterBytes: 3 })

    expect(await failure(redis.incr("n"))).toBeInstanceOf(OutcomeUnknownError)

    expect(await redis.get("n")).toBe("1235")
  })

  it("drops a reply that comes after its deadline and gives the next caller its own", async () => {
    await seeded()
    const redis = await rig.warmClient({ commandTimeoutMs: 5_000 })
    rig.proxy.delay({ replies: 100 })

    const late = failure(redis.with({ timeoutMs: 20 }).get("string"))
    const next = redis.strlen("string")

    expect(await late).toBeInstanceOf(TimeoutError)
    expect(await next).toBe(4)
    expect(redis.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })
})
