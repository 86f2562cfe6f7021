import { type PortableRedis, ReplyError } from "@warmpool/core"
import { createPortableRedis, type PortableOptions } from "@warmpool/core/portable"
import { FakeHost } from "@warmpool/core/testing"
import { describe, expect, it } from "vitest"
import { bindingTransport } from "./binding-transport.ts"
import type { PoolService } from "./service.ts"
import { packError, type WireAnswer, type WireBatch } from "./wire.ts"

/** One call in the test's hands. */
interface Call {
  readonly shard: number
  readonly batch: WireBatch
  answer(answer: WireAnswer): Promise<void>
  fail(message: string): Promise<void>
}

/** A client over a binding whose calls wait for the test's word. */
class Bench {
  readonly host = new FakeHost()
  readonly calls: Call[] = []
  /** What a call throws at once, in place of a promise. */
  throws: Error | undefined
  readonly redis: PortableRedis

  constructor(options: Partial<PortableOptions> = {}) {
    const service = {
      exchange: (shard: number, batch: WireBatch) => {
        if (this.throws) throw this.throws
        const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
        this.calls.push({
          shard,
          batch: structuredClone(batch),
          answer: (answer) => {
            resolve(structuredClone(answer))
            return this.host.settle()
          },
          fail: (message) => {
            reject(new Error(message))
            return this.host.settle()
          },
        })
        return promise
      },
    } as PoolService
    this.redis = createPortableRedis({ transport: bindingTransport(service), host: this.host, ...options })
  }

  /** The commands of each call so far. */
  get sent(): readonly (readonly unknown[])[] {
    return this.calls.map(({ batch }) => batch.sent.map(([, sent]) => sent.flat().join(" ")))
  }

  call(index: number): Call {
    const call = this.calls[index]
    return call ?? expect.fail(`there is no call ${index}`)
  }
}

/** What a promise came to, as soon as it has. */
function watch(promise: Promise<unknown>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: "pending" }
  promise.then(
    (value) => {
      seen.outcome = value
    },
    (error) => {
      seen.outcome = `${error.name} ${error.fate}`
    },
  )
  return seen
}

const LOST = "Network connection lost."

describe("a tick of commands", () => {
  it("is one call, with its transactions, in order", async () => {
    const { redis, host, calls } = new Bench()

    const all = Promise.all([
      redis.set("k", 1),
      redis.multi().incr("k").incr("k").exec(),
      redis.getBuffer("k"),
      redis.hgetall("h"),
    ])
    await host.settle()
    await calls[0]?.answer(["OK", [2, 3], Uint8Array.of(51), ["f", "v"]])

    expect(calls.length).toBe(1)
    expect(calls[0]?.batch.sent).toEqual([
      ["text", ["SET", "k", "1"]],
      [
        "text",
        [
          ["INCR", "k"],
          ["INCR", "k"],
        ],
      ],
      ["bytes", ["GET", "k"]],
      ["text", ["HGETALL", "h"]],
    ])
    expect(await all).toEqual([
      "OK",
      [
        [null, 2],
        [null, 3],
      ],
      Uint8Array.of(51),
      { f: "v" },
    ])
  })

  it("fails one command without failing its neighbours", async () => {
    const bench = new Bench()
    const wrong = watch(bench.redis.incr("text"))
    const right = watch(bench.redis.incr("n"))
    await bench.host.settle()

    await bench.call(0).answer([packError(new ReplyError("ERR value is not an integer")), 1])

    expect([wrong.outcome, right.outcome]).toEqual(["ReplyError undefined", 1])
  })

  it("is split where it is larger than a call may be", async () => {
    const bench = new Bench()
    const large = "x".repeat(5_000_000)

    for (const key of ["a", "b", "c"]) void bench.redis.set(key, large).catch(() => undefined)
    await bench.host.settle()
    await bench.call(0).answer(["OK"])
    await bench.call(1).answer(["OK"])

    expect(bench.calls.map(({ batch }) => batch.sent.length)).toEqual([1, 1, 1])
    expect(new Set(bench.calls.map(({ shard }) => shard)).size).toBe(1)
    await bench.redis.close()
  })

  it("is split where it has more commands than a call takes", async () => {
    const bench = new Bench()

    const all = bench.redis.pipeline()
    for (let n = 0; n < 25_000; n += 1) all.incr("n")
    const outcomes = all.exec()
    for (const [index, count] of [10_000, 10_000, 5_000].entries()) {
      await bench.host.settle()
      await bench.call(index).answer(Array.from({ length: count }, (_, n) => index * 10_000 + n + 1))
    }

    expect(bench.calls.map(({ batch }) => batch.sent.length)).toEqual([10_000, 10_000, 5_000])
    expect((await outcomes)?.at(-1)).toEqual([null, 25_000])
  })

  it("tells the pool how long its callers wait", async () => {
    const bench = new Bench({ commandTimeoutMs: 700 })

    void bench.redis.get("k").catch(() => undefined)
    void bench.redis
      .with({ timeoutMs: 300 })
      .get("k")
      .catch(() => undefined)
    await bench.host.settle()

    expect(bench.call(0).batch.patienceMs).toBe(700)
    await bench.redis.close()
  })
})

describe("calls", () => {
  it.each([
    ["a write behind a read", "get", "set"],
    ["a read behind a write", "set", "get"],
    ["a write behind a write", "set", "set"],
  ] as const)("hold %s back until that is answered", async (_case, first, second) => {
    const bench = new Bench()
    const issue = (name: "get" | "set") =>
      watch(name === "get" ? bench.redis.get("k") : bench.redis.set("k", "v"))

    issue(first)
    await bench.host.settle()
    const behind = issue(second)
    await bench.host.settle()
    expect(bench.calls.length).toBe(1)
    await bench.call(0).answer(["one"])
    await bench.call(1).answer(["two"])

    expect(behind.outcome).toBe("two")
  })

  it("overlap if all read, five at the most; what comes meanwhile goes in the next", async () => {
    const bench = new Bench()

    for (let n = 0; n < 8; n += 1) {
      watch(bench.redis.get(`k${n}`))
      await bench.host.settle()
    }
    await bench.call(0).answer(["v"])

    expect(bench.calls.map(({ batch }) => batch.sent.length)).toEqual([1, 1, 1, 1, 1, 3])
    await bench.redis.close()
  })

  it("are told of, each with how it ended", async () => {
    const bench = new Bench()
    const told: unknown[] = []
    bench.redis.on("batch", ({ id, size, command, done }) => {
      void done.then(({ error }) => told.push([id, size, command, error]))
    })

    watch(Promise.allSettled([bench.redis.get("a"), bench.redis.incr("b")]))
    await bench.host.settle()
    await bench.call(0).answer(["v", packError(new ReplyError("WRONGTYPE x"))])

    expect(told).toEqual([[1, 2, "BATCH", "WRONGTYPE"]])
  })
})

describe("what is lost with a call", () => {
  it("goes again if it reads, before anything newer, and is unknown if it writes", async () => {
    const bench = new Bench()
    const retries: unknown[] = []
    bench.redis.on("retry", ({ what, count }) => retries.push([what, count]))
    const read = watch(bench.redis.get("k"))
    const write = watch(bench.redis.incr("n"))
    await bench.host.settle()
    const newer = watch(bench.redis.set("k", "newer"))

    await bench.call(0).fail(LOST)
    expect(write.outcome).toBe("OutcomeUnknownError unknown")
    await bench.host.advance(1_000 / 4)
    await bench.call(1).answer(["old"])
    await bench.call(2).answer(["OK"])

    expect(bench.sent).toEqual([["GET k", "INCR n"], ["GET k"], ["SET k newer"]])
    expect([read.outcome, newer.outcome]).toEqual(["old", "OK"])
    expect(retries).toEqual([["commands", 1]])
  })

  it("goes again until its deadline, and then tells what happened", async () => {
    const bench = new Bench({ commandTimeoutMs: 200 })
    const read = bench.redis.get("k")
    const failed = expect(read).rejects.toMatchObject({
      name: "TimeoutError",
      fate: "unknown",
      message: expect.stringContaining(LOST),
    })
    await bench.host.settle()

    await bench.call(0).fail(LOST)
    await bench.host.advance(100)
    await bench.call(1).fail(LOST)
    await bench.host.advance(500)

    await failed
    expect(bench.redis.stats().opened).toBe(0)
  })

  it("goes again if it only overwrites, where that is allowed", async () => {
    const bench = new Bench({ retryWrites: "overwrites" })
    const write = watch(bench.redis.set("k", "v"))
    await bench.host.settle()

    await bench.call(0).fail(LOST)
    await bench.host.advance(250)
    await bench.call(1).answer(["OK"])

    expect(write.outcome).toBe("OK")
  })
})

describe("an answer in no shape that we know", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "OK"],
    ["an object without a name", { replies: ["OK"] }],
    ["one within the answer", [{ reply: "OK" }]],
    ["a flag within the answer", [true]],
    ["an error without words", { name: "ReplyError" }],
    ["too few outcomes", []],
  ])("is no reply: %s", async (_case, answer) => {
    const bench = new Bench()
    const failed = expect(bench.redis.hset("h", "f", "v")).rejects.toMatchObject({
      name: "OutcomeUnknownError",
      cause: { message: expect.stringContaining("same version of @warmpool/cloudflare") },
    })
    await bench.host.settle()

    await bench.call(0).answer(answer as unknown as WireAnswer)

    await failed
    expect(bench.calls.length).toBe(1)
  })
})

describe("what the pool could not send in time", () => {
  it("is unsent, for the pool's reason", async () => {
    const bench = new Bench()
    const late: unknown[] = []
    bench.redis.on("timeout", ({ command, fate }) => late.push([command, fate]))
    const failed = expect(bench.redis.incr("n")).rejects.toMatchObject({
      name: "TimeoutError",
      fate: "unsent",
      message: expect.stringContaining("connect ECONNREFUSED"),
    })
    await bench.host.settle()

    await bench.call(0).answer([{ name: "TimeoutError", message: "connect ECONNREFUSED", fate: "unsent" }])

    await failed
    expect(late).toEqual([["INCR", "unsent"]])
    expect(bench.calls.length).toBe(1)
  })
})

describe("a call that nobody can take", () => {
  it("is unsent, and names the fix", async () => {
    const bench = new Bench()
    bench.throws = new Error("Serialized RPC arguments or return values are limited to 32MiB, but …")

    await expect(bench.redis.set("k", "v")).rejects.toMatchObject({
      name: "ArgumentError",
      fate: "unsent",
      message: expect.stringContaining("send less at once"),
    })
  })
})

describe("a caller that gives up", () => {
  it("is told at once, and what is behind goes on", async () => {
    const bench = new Bench()
    const controller = new AbortController()
    const reason = new Error("gave up")
    const write = bench.redis.with({ signal: controller.signal }).incr("n")
    const failed = expect(write).rejects.toBe(reason)
    await bench.host.settle()
    const behind = watch(bench.redis.incr("m"))

    controller.abort(reason)
    await failed
    await bench.host.settle()
    await bench.call(1).answer([1])
    await bench.call(0).answer([7])

    expect(behind.outcome).toBe(1)
  })

  it("leaves nothing behind when the client is closed", async () => {
    const bench = new Bench()
    const sent = watch(bench.redis.incr("n"))
    await bench.host.settle()
    const waiting = watch(bench.redis.incr("m"))

    await bench.redis.close()
    await bench.host.settle()
    await bench.call(0).answer([1])

    expect([sent.outcome, waiting.outcome]).toEqual(["OutcomeUnknownError unknown", "PoolClosedError unsent"])
    expect(bench.calls.length).toBe(1)
  })
})
