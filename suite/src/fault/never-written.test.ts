import { ConnectionError, fateOf, type Redis, TimeoutError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { failure } from "./failure.ts"
import { nextEvent, useRig } from "./rig.ts"

const LARGE = 50 << 20
/** A busy machine may take its time between a client's warming and its use: in doubt it would hold a write back. */
const PATIENT = { commandTimeoutMs: 15_000, validateAfterMs: 60_000 }

/** Stands still, so that the server's FIN or RST lies unread when the next command is issued. */
function blockLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe.each(transports)("a command that was never written over $name", (transport) => {
  const rig = useRig(transport)

  it.each(["cut", "reset"] as const)("runs once after the connection ended by %s before it", async (how) => {
    const redis = await rig.warmClient()
    const closed = nextEvent(redis, "close")
    await rig.proxy[how]()
    await closed

    const outcomes = await Promise.all([redis.incr("n"), redis.multi().incr("n").exec(), redis.incr("n")])

    expect(outcomes).toEqual([1, [[null, 2]], 3])
    expect(redis.stats()).toMatchObject({ opened: 2, shared: 1 })
  })

  it("runs once when the connection ended while the process stood still", async () => {
    const redis = await rig.warmClient({ url: rig.server.url, validateAfterMs: 20 })
    for (let round = 1; round <= 10; round++) {
      const killed = rig.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
      await killed
      blockLoop(30)

      expect(await redis.incr("n")).toBe(round)
    }
  })

  it("is never in doubt when the end of the connection was heard of in the same turn", async () => {
    const redis = await rig.warmClient({ url: rig.server.url })
    const closed = nextEvent(redis, "close").then(() => redis.incr("n"))
    await rig.server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    expect(await closed).toBe(1)
  })

  it.each(["cut", "reset"] as const)(
    "runs once though it lay behind 50 MB to a peer that read nothing and ended by %s",
    async (how) => {
      const redis = await rig.warmClient(PATIENT)
      rig.proxy.stall()
      const batch = nextEvent(redis, "batch")
      const large = failure(redis.set("large", Buffer.alloc(LARGE, "x")))
      const behind = [redis.incr("n"), redis.incr("n"), redis.multi().incr("n").incr("n").exec()]
      await batch
      const later = redis.incr("n")

      await rig.proxy[how]()
      rig.proxy.resume()

      expect(await large).toMatchObject({ code: "ERR_OUTCOME_UNKNOWN" })
      expect(await Promise.all([...behind, later])).toEqual([
        1,
        2,
        [
          [null, 3],
          [null, 4],
        ],
        5,
      ])
      expect(await rig.server.command("EXISTS", "large")).toBe(0)
    },
  )

  it("says that it was not sent, and never sends it, when its time is up behind 50 MB", async () => {
    const redis = await rig.warmClient(PATIENT)
    rig.proxy.stall()
    const large = redis.set("large", Buffer.alloc(LARGE, "x"))
    const promise = redis.with({ timeoutMs: 50 }).incr("n")

    expect(await failure(promise)).toMatchObject({ name: "TimeoutError", fate: "unsent" })
    expect(fateOf(promise)).toBe("unsent")
    rig.proxy.resume()

    expect(await large).toBe("OK")
    expect(await redis.get("n")).toBeNull()
  })

  it("is not sent after its signal aborted behind 50 MB", async () => {
    const redis = await rig.warmClient(PATIENT)
    rig.proxy.stall()
    const batch = nextEvent(redis, "batch")
    const large = redis.set("large", Buffer.alloc(LARGE, "x"))
    const abort = new AbortController()
    const promise = redis.with({ signal: abort.signal }).incr("n")
    await batch

    abort.abort(new Error("the caller left"))

    expect(await failure(promise)).toMatchObject({ message: "the caller left" })
    expect(fateOf(promise)).toBe("unsent")
    rig.proxy.resume()
    expect(await large).toBe("OK")
    expect(await redis.get("n")).toBeNull()
  })

  it.each<[string, (redis: Redis) => Promise<unknown>, unknown]>([
    ["a write", (redis) => redis.incr("n"), 1],
    ["a read", (redis) => redis.get("n"), null],
    [
      "a pipeline",
      (redis) => redis.pipeline().incr("n").get("n").exec(),
      [
        [null, 1],
        [null, "1"],
      ],
    ],
    [
      "a transaction",
      (redis) => redis.multi().incr("n").get("n").exec(),
      [
        [null, 1],
        [null, "1"],
      ],
    ],
    ["a blocking command", (redis) => redis.blpop("none", 0.01), null],
  ])("waits for the server to be back: %s", async (_what, run, reply) => {
    const redis = rig.client({ commandTimeoutMs: 10_000, acquireTimeoutMs: 10_000 })
    rig.proxy.refuse()
    const promise = run(redis)
    await Promise.race([nextEvent(redis, "retry"), new Promise((resolve) => setTimeout(resolve, 50))])

    await rig.proxy.accept()

    expect(await promise).toEqual(reply)
    expect(Number((await rig.server.command("GET", "n")) ?? 0)).toBeLessThanOrEqual(1)
  })

  it("fails within its deadline while the server refuses, as unsent, with the reason", async () => {
    const redis = rig.client({ commandTimeoutMs: 100 })
    rig.proxy.refuse()
    const promise = redis.incr("n")

    const error = await failure(promise)

    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ fate: "unsent", cause: expect.any(ConnectionError) })
    expect(error.message).toContain("ECONNREFUSED")
    await rig.proxy.accept()
    expect(await redis.get("n")).toBeNull()
  })
})
