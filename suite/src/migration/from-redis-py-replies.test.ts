import { randomUUID } from "node:crypto"
import { ArgumentError, OutcomeUnknownError, type Redis, ReplyError, WarmpoolError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { failure } from "../fault/failure.ts"
import { useRig } from "../fault/rig.ts"
import { transports } from "../transports.ts"

const UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

/** `transaction(func, *watches)` of redis-py; gives how often it was tried. */
function addOne(redis: Redis, key: string): Promise<number> {
  return redis.use(async (lease) => {
    for (let attempt = 1; ; attempt += 1) {
      await lease.watch(key)
      const next = Number(await lease.get(key)) + 1
      if (await lease.multi().set(key, next).exec()) return attempt
    }
  })
}

/** Takes a lock, or gives undefined; what it gives frees the lock, and says whether it still held it. */
async function lock(redis: Redis, name: string, ms: number): Promise<(() => Promise<boolean>) | undefined> {
  const token = randomUUID()
  const unlock = redis.defineScript(UNLOCK, { keys: 1 })
  if ((await redis.set(name, token, "PX", ms, "NX")) === null) return undefined
  return async () => (await unlock(name, token)) === 1
}

describe.each(transports)("coming from redis-py, over $name", (transport) => {
  const rig = useRig(transport)

  it("gives text, and bytes to the methods that ask for bytes", async () => {
    const redis = rig.client()
    const bytes = new Uint8Array([0xff, 0x00, 0xc3, 0xa9])

    await redis.set("k", bytes)

    expect(await redis.get("k")).toBe("\uFFFD\u0000é")
    expect(new Uint8Array((await redis.getBuffer("k")) ?? [])).toEqual(bytes)
  })

  it("sends null as the empty string, and refuses an object", async () => {
    const redis = rig.client()

    await redis.call("SET", "k", null as unknown as string)
    const error = await failure(redis.call("SET", "k", { a: 1 } as unknown as string))

    expect(await redis.get("k")).toBe("")
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toContain("there is no implicit JSON")
  })

  it("takes options as words, and gives Redis's own replies", async () => {
    const redis = rig.client()

    expect(await redis.set("k", "v", "EX", 10, "NX")).toBe("OK")
    expect(await redis.set("k", "v", "EX", 10, "NX")).toBeNull()
    expect(await redis.expire("k", 10)).toBe(1)
    expect(await redis.hset("h", { a: 1, b: 2 })).toBe(2)
    expect(await redis.hset("h", new Map([["c", "3"]]))).toBe(1)
    expect(await redis.hgetall("h")).toEqual({ a: "1", b: "2", c: "3" })
    expect(await redis.sadd("s", "m")).toBe(1)
    expect(await redis.sismember("s", "m")).toBe(1)
    expect(await redis.smembers("s")).toEqual(["m"])
    expect(await redis.zadd("z", 1, "one")).toBe(1)
    expect(await redis.zrange("z", 0, -1, "WITHSCORES")).toEqual(["one", "1"])
    expect(await redis.call("OBJECT", "ENCODING", "h")).toBe("listpack")
    expect(await redis.del("k", "h", "s", "z")).toBe(4)
  })

  it("gives integers beyond 2^53 as strings, exact", async () => {
    const redis = rig.client()

    await redis.set("n", "9223372036854775806")

    expect(await redis.incr("n")).toBe("9223372036854775807")
    expect(await redis.incr("small")).toBe(1)
  })

  it("sends MULTI for multi() and not for pipeline()", async () => {
    const redis = rig.client()
    await rig.forgetCalls()

    await redis.pipeline().set("a", 1).set("b", 2).exec()
    expect([await rig.calls("set"), await rig.calls("multi")]).toEqual([2, 0])

    await redis.multi().set("a", 1).set("b", 2).exec()
    expect([await rig.calls("set"), await rig.calls("multi"), await rig.calls("exec")]).toEqual([4, 1, 1])
  })

  it("counts right with twenty optimistic writers at once", async () => {
    const redis = rig.client({ acquireTimeoutMs: 10_000, commandTimeoutMs: 10_000 })

    const attempts = await Promise.all(Array.from({ length: 20 }, () => addOne(redis, "n")))

    expect(await redis.get("n")).toBe("20")
    expect(Math.max(...attempts)).toBeGreaterThan(1)
  })

  it("holds a lock with SET NX PX and frees only its own", async () => {
    const redis = rig.client()

    const first = await lock(redis, "lock", 60_000)
    const second = await lock(redis, "lock", 60_000)
    await redis.set("lock", "somebody else's")

    expect(first).toBeTypeOf("function")
    expect(second).toBeUndefined()
    expect(await first?.()).toBe(false)
    expect(await redis.get("lock")).toBe("somebody else's")
    await redis.del("lock")
    const third = await lock(redis, "lock", 60_000)
    expect(await third?.()).toBe(true)
  })

  it("tells by fate whether a repetition is safe", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 100 })
    await rig.server.command("SET", "word", "text")

    const answered = await failure(redis.incr("word"))
    rig.proxy.stall()
    const sent = await failure(redis.incr("n"))
    await rig.proxy.heal()
    await redis.close()
    const unsent = await failure(redis.incr("n"))

    expect(answered).toMatchObject({ name: "ReplyError", fate: undefined })
    expect(sent).toMatchObject({ name: "OutcomeUnknownError", fate: "unknown" })
    expect(unsent).toMatchObject({ name: "PoolClosedError", fate: "unsent" })
  })

  it("tells errors by class, code and fate", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 5_000 })
    await redis.set("word", "text")

    const wrongType = await failure(redis.lpush("word", "x"))
    rig.proxy.dropReply({ and: "cut", command: "incr" })
    const lost = await failure(redis.incr("n"))

    expect(wrongType).toBeInstanceOf(WarmpoolError)
    expect(wrongType).toBeInstanceOf(ReplyError)
    expect(wrongType).toMatchObject({ code: "ERR_REPLY", kind: "WRONGTYPE", fate: undefined })
    expect(lost).toBeInstanceOf(OutcomeUnknownError)
    expect(lost).toMatchObject({ code: "ERR_OUTCOME_UNKNOWN", fate: "unknown" })
    expect(await redis.get("n")).toBe("1")
  })
})
