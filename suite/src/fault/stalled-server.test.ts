import { setTimeout as wait } from "node:timers/promises"
import { fateOf, OutcomeUnknownError, type Redis, TimeoutError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { nextEvent, useRig } from "./rig.ts"

/** The connections on which batches left, by id. */
function batchesOf(redis: Redis): Set<number> {
  const ids = new Set<number>()
  redis.on("batch", ({ id }) => ids.add(id))
  return ids
}

describe.each(transports)("a server that stands still over $name", (transport) => {
  const rig = useRig(transport)

  it("is told by fate: reads timed out, writes unknown, what waits for a connection unsent", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 200, connectTimeoutMs: 100 })
    await rig.server.pause()

    const read = redis.get("k")
    const write = redis.incr("n")
    const transaction = redis.multi().incr("n").exec()
    const pipeline = redis.pipeline().get("k").incr("n").exec()

    expect(await failure(read)).toMatchObject({ name: "TimeoutError", fate: "unknown" })
    expect(fateOf(read)).toBe("unknown")
    for (const promise of [write, transaction]) {
      const error = await failure(promise)
      expect(error).toBeInstanceOf(OutcomeUnknownError)
      expect(error.cause).toBeInstanceOf(TimeoutError)
      expect(fateOf(promise)).toBe("unknown")
    }
    expect(await pipeline).toEqual([
      [expect.any(TimeoutError), undefined],
      [expect.any(OutcomeUnknownError), undefined],
    ])
    rig.server.resume()
    expect(await redis.with({ timeoutMs: 5_000 }).get("n")).toBe("3")
  })

  it("loses no connection, and goes on with the same one", async () => {
    const redis = await rig.warmClient({
      commandTimeoutMs: 100,
      connectTimeoutMs: 200,
      validateTimeoutMs: 50,
    })
    const evictions: unknown[] = []
    redis.on("evict", (detail) => evictions.push(detail))
    const used = batchesOf(redis)
    await rig.server.pause()

    for (let round = 0; round < 6; round++) {
      expect(await failure(redis.get("k"))).toBeInstanceOf(TimeoutError)
    }
    rig.server.resume()
    await redis.with({ timeoutMs: 5_000 }).set("k", "v")

    expect(evictions).toEqual([])
    expect(redis.stats()).toMatchObject({ shared: 1, evicted: 0 })
    expect([...used]).toEqual([1])
  })

  it("loses no connection when it stood still before the first byte of a long silence", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 150, validateAfterMs: 20, connectTimeoutMs: 100 })
    await wait(30)
    await rig.server.pause()

    const errors = await Promise.all([failure(redis.incr("n")), failure(redis.get("k"))])

    expect(errors).toMatchObject([{ fate: "unsent" }, { name: "TimeoutError" }])
    rig.server.resume()
    expect(await redis.with({ timeoutMs: 5_000 }).get("n")).toBeNull()
    expect(redis.stats()).toMatchObject({ evicted: 0 })
  })

  it("keeps its connection through one impatient caller", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 5_000, validateTimeoutMs: 50 })
    const used = batchesOf(redis)
    const asleep = rig.server.command("DEBUG", "SLEEP", "0.3")

    const impatient = failure(redis.with({ timeoutMs: 30 }).get("k"))
    const patient = redis.incr("n")

    expect(await impatient).toMatchObject({ name: "TimeoutError", fate: "unknown" })
    expect(await patient).toBe(1)
    await asleep
    expect(await redis.incr("n")).toBe(2)
    expect(redis.stats()).toMatchObject({ shared: 1, evicted: 0 })
    expect([...used]).toEqual([1])
  })

  it("keeps its connection through a hundred impatient callers", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 5_000 })
    rig.proxy.delay({ replies: 20 })

    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => redis.with({ timeoutMs: 1 + (n % 10) }).incr("n")),
    )

    // On a machine that is busy for longer than the delay a reply may be there before its time is called up.
    const answered = outcomes.filter(({ status }) => status === "fulfilled")
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []))
    const sent = errors.filter((error) => error instanceof OutcomeUnknownError)
    const unsent = errors.filter((error) => error instanceof TimeoutError)
    expect(sent.length).toBeGreaterThan(0)
    expect(answered.length + sent.length + unsent.length).toBe(100)
    expect(await redis.get("n")).toBe(String(answered.length + sent.length))
    expect(redis.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })

  it("says unsent when the time is up before there is a connection", async () => {
    rig.proxy.silence({ newConnections: "silent" })
    await rig.server.pause()
    const redis = rig.client({ url: rig.proxy.url("redis://host/1"), commandTimeoutMs: 100 })
    const promise = redis.incr("n")

    expect(await failure(promise)).toMatchObject({ name: "TimeoutError", fate: "unsent" })
    expect(fateOf(promise)).toBe("unsent")
    rig.server.resume()
  })

  it("replaces a connection that alone is silent, once another has answered", async () => {
    const redis = await rig.warmClient({ commandTimeoutMs: 100, validateTimeoutMs: 30 })
    const evicted = nextEvent(redis, "evict")
    rig.proxy.silence()
    expect(await failure(redis.incr("n"))).toBeInstanceOf(OutcomeUnknownError)
    await evicted

    expect(await redis.with({ timeoutMs: 5_000 }).incr("m")).toBe(1)

    expect(redis.stats()).toMatchObject({ opened: 2, evicted: 1, shared: 1 })
    expect(await redis.get("n")).toBeNull()
  })
})
