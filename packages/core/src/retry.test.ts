import { describe, expect, it } from "vitest"
import { type Bench, batches, cold, lines, record, warm, watch } from "./client.fixture.ts"
import {
  ConfigError,
  ConnectionError,
  type Fate,
  OutcomeUnknownError,
  ReplyError,
  TimeoutError,
  type WarmpoolError,
} from "./errors.ts"
import type { Redis } from "./redis.ts"

type Outcome = { reply: unknown } | { error: typeof WarmpoolError | typeof Error; fate: Fate }
interface Case {
  readonly what: string
  run(redis: Redis): Promise<unknown>
  /** Times the server may have run it in the end, by the value of `n`. */
  readonly ran: string | undefined
  readonly outcome: Outcome
  readonly retryWrites?: "overwrites"
}

const unknown: Outcome = { error: OutcomeUnknownError, fate: "unknown" }

async function expectCase({ redis, transport, host }: Bench, { run, ran, outcome }: Case): Promise<void> {
  const call = watch(run(redis))
  await host.settle()
  await host.advance(2_000)
  const value = transport.server.database(0).get("n")

  if ("reply" in outcome) expect(call).toMatchObject({ state: "resolved", value: outcome.reply })
  else expect(call).toMatchObject({ state: "rejected", error: expect.any(outcome.error), fate: outcome.fate })
  expect(value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined).toBe(ran)
}

describe("a connection that died before anything was written", () => {
  const cases: Case[] = [
    { what: "a read", run: (redis) => redis.get("n"), ran: undefined, outcome: { reply: null } },
    { what: "a write", run: (redis) => redis.incr("n"), ran: "1", outcome: { reply: 1 } },
    {
      what: "a pipeline",
      run: (redis) => redis.pipeline().incr("n").incr("n").exec(),
      ran: "2",
      outcome: {
        reply: [
          [null, 1],
          [null, 2],
        ],
      },
    },
    {
      what: "a transaction",
      run: (redis) => redis.multi().incr("n").exec(),
      ran: "1",
      outcome: { reply: [[null, 1]] },
    },
  ]

  it.each(cases)("sends $what again, and it runs once", async (each) => {
    const bench = await warm()
    bench.transport.connections[0]?.destroy(new ConnectionError("gone"))

    await expectCase(bench, each)
  })

  it.each(cases)("sends $what that still lay in the send buffer again, and it runs once", async (each) => {
    const bench = await warm()
    bench.transport.fillBacklog(1_000_000)
    bench.host.after(10, () => bench.transport.cut())

    await expectCase(bench, each)
  })
})

describe("a reply that was lost after the command was written", () => {
  const cases: Case[] = [
    { what: "runs a read again", run: (redis) => redis.get("k"), ran: undefined, outcome: { reply: null } },
    { what: "leaves INCR unknown", run: (redis) => redis.incr("n"), ran: "1", outcome: unknown },
    { what: "leaves SET unknown", run: (redis) => redis.set("n", "1"), ran: "1", outcome: unknown },
    {
      what: "leaves a transaction unknown",
      run: (redis) => redis.multi().incr("n").exec(),
      ran: "1",
      outcome: unknown,
    },
    {
      what: "leaves a transaction of reads unknown",
      run: (redis) => redis.multi().get("n").exec(),
      ran: undefined,
      outcome: unknown,
    },
    {
      what: "runs SET again where overwrites may be",
      run: (redis) => redis.set("n", "1"),
      ran: "1",
      outcome: { reply: "OK" },
      retryWrites: "overwrites",
    },
    {
      what: "leaves SET NX unknown even where overwrites may be",
      run: (redis) => redis.set("n", "1", "NX"),
      ran: "1",
      outcome: unknown,
      retryWrites: "overwrites",
    },
    {
      what: "leaves INCR unknown even where overwrites may be",
      run: (redis) => redis.incr("n"),
      ran: "1",
      outcome: unknown,
      retryWrites: "overwrites",
    },
    {
      what: "leaves a transaction unknown even where overwrites may be",
      run: (redis) => redis.multi().set("n", "1").exec(),
      ran: "1",
      outcome: unknown,
      retryWrites: "overwrites",
    },
  ]

  it.each(cases)("$what", async (each) => {
    const bench = await warm(each.retryWrites === undefined ? {} : { retryWrites: each.retryWrites })
    bench.transport.loseReplyOf(1)

    await expectCase(bench, each)
  })

  it("names the loss as the cause of the unknown outcome", async () => {
    const { redis, transport, host } = await warm()
    transport.loseReplyOf(1)

    const call = watch(redis.incr("n"))
    await host.settle()

    expect(call.error).toBeInstanceOf(OutcomeUnknownError)
    expect(call.error?.cause).toBeInstanceOf(ConnectionError)
  })

  it.each([
    ["MSET", (redis: Redis) => redis.mset("n", "1")],
    ["HMSET", (redis: Redis) => redis.hmset("n", { field: "1" })],
  ])("runs %s again where overwrites may be", async (_, run) => {
    const { redis, transport, host } = await warm({ retryWrites: "overwrites" })
    transport.answerNext("OK")
    transport.answerNext("OK")
    transport.loseReplyOf(1)

    const call = watch(run(redis))
    await host.advance(1_000)

    expect(call).toMatchObject({ state: "resolved", value: "OK" })
    expect(transport.commands).toHaveLength(2)
  })
})

describe("a connection lost between two replies", () => {
  it("delivers what was answered, and sends only the unanswered reads of a pipeline again", async () => {
    const { redis, transport, host } = await warm()
    await redis.set("a", "1")
    transport.cutAfter(2)

    const call = watch(redis.pipeline().get("a").incr("n").get("a").get("b").exec())
    await host.advance(1_000)

    expect(call.value).toEqual([
      [null, "1"],
      [null, 1],
      [null, "1"],
      [null, null],
    ])
    expect(batches(transport, 1)).toEqual([["GET a", "GET b"]])
  })

  it("leaves the unanswered writes of a pipeline unknown, each in its own outcome", async () => {
    const { redis, transport, host } = await warm()
    transport.cutAfter(1)

    const call = watch(redis.pipeline().incr("n").incr("n").get("n").exec())
    await host.advance(1_000)

    expect(call.value).toEqual([
      [null, 1],
      [expect.any(OutcomeUnknownError), undefined],
      [null, "1"],
    ])
  })

  it("leaves a transaction whose MULTI was answered unknown", async () => {
    const { redis, transport, host } = await warm()
    transport.cutAfter(1)

    const call = watch(redis.multi().incr("n").exec())
    await host.advance(1_000)

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
  })

  it("runs a read again whose reply came in half", async () => {
    const { redis, transport, host } = await warm()
    await redis.set("k", "x".repeat(1_000))
    transport.cutMidReply(1, 500)

    const call = watch(redis.get("k"))
    await host.advance(1_000)

    expect(call.value).toBe("x".repeat(1_000))
  })
})

describe("survivors", () => {
  it("go first, in the order they were issued, before what came meanwhile", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    void redis.get("a")
    void redis.get("b")
    await host.settle()

    transport.cut()
    void redis.set("c", "1")
    await host.advance(100)

    expect(lines(transport).slice(2)).toEqual(["GET a", "GET b", "SET c 1"])
  })

  it("hold back what is issued while the connection is replaced", async () => {
    const { redis, transport, host } = await warm()
    transport.hang()
    transport.hold()
    void watch(redis.get("a"))
    await host.settle()
    transport.connections[0]?.destroy(new ConnectionError("gone"))
    await host.advance(100)

    const late = watch(redis.incr("n"))
    await host.settle()
    const before = lines(transport)
    transport.accept()
    transport.release()
    await host.advance(100)

    expect(before).toEqual(["GET a"])
    expect(lines(transport)).toEqual(["GET a", "GET a", "INCR n"])
    expect(late.value).toBe(1)
  })

  it("are read again until the deadline, and then fail with the loss as the cause", async () => {
    const { redis, transport, host } = await warm()
    transport.refuse(new ConnectionError("refused by a test"))
    transport.loseReplyOf(1)

    const call = watch(redis.get("k"))
    await host.advance(1_100)

    expect(call.error).toBeInstanceOf(TimeoutError)
    expect(call.error?.cause).toBeInstanceOf(ConnectionError)
  })
})

describe("a reconnect", () => {
  it("is immediate when an idle connection was closed", async () => {
    const { redis, transport, host } = await warm()
    const at = host.now()
    transport.cut()
    await host.settle()

    const call = watch(redis.incr("n"))
    await host.settle()

    expect(call.value).toBe(1)
    expect(host.now()).toBe(at)
  })

  it("waits with jitter when work was in flight", async () => {
    const { redis, transport, host } = await warm()
    const retries = record(redis, "retry")
    transport.loseReplyOf(1)

    const call = watch(redis.get("k"))
    await host.settle()
    const before = call.state
    await host.advance(25)

    expect(before).toBe("pending")
    expect(call.state).toBe("resolved")
    expect(retries).toEqual([{ what: "commands", count: 1, inMs: expect.any(Number) }])
  })

  it("is tried again with growing pauses until the deadline", async () => {
    const { redis, transport, host } = await warm()
    const retries = record(redis, "retry")
    transport.refuse()
    transport.cut()
    await host.settle()

    const call = watch(redis.incr("n"))
    await host.advance(1_100)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
    expect(call.error?.message).toContain("the server refused the connection")
    expect(retries.length).toBeGreaterThan(2)
    expect(retries.length).toBeLessThan(60)
  })

  it("succeeds as soon as the server is back", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 5_000 })
    transport.refuse()
    transport.cut()
    const call = watch(redis.incr("n"))
    await host.advance(200)

    transport.accept()
    await host.advance(1_001)

    expect(call.value).toBe(1)
  })

  it("leaves nothing running once nobody waits any more", async () => {
    const { redis, transport, host } = await warm()
    transport.refuse()
    transport.cut()
    const call = watch(redis.incr("n"))
    await host.advance(3_000)
    const attempts = transport.attempts

    await host.advance(60_000)

    expect(call.state).toBe("rejected")
    expect(transport.attempts).toBe(attempts)
    expect(host.timers).toBe(0)
  })
})

describe("a refused handshake", () => {
  const words = "WRONGPASS invalid username-password pair or user is disabled."

  it("rejects everything that waits with the server's words, at once, nothing sent", async () => {
    const { redis, transport, host } = await warm()
    transport.refuseHandshake(new ReplyError(words))
    transport.cut()
    await host.settle()

    const calls = [
      redis.get("a"),
      redis.incr("n"),
      redis.multi().incr("n").exec(),
      redis.multi().incr("n").exec(),
    ].map(watch)
    const pipeline = watch(redis.pipeline().incr("n").exec())
    await host.settle()

    for (const call of calls) {
      expect(call).toMatchObject({ error: expect.any(ReplyError), fate: "unsent" })
      expect(call.error?.message).toBe(words)
    }
    expect(pipeline.value).toEqual([[expect.objectContaining({ message: words }), undefined]])
    expect(transport.attempts).toBe(2)
  })

  it("that never was, for want of a server, rejects with what says so", async () => {
    const { redis, transport, host } = cold()
    transport.refuse(new ConfigError("there is no server"))

    const calls = [redis.incr("n"), redis.blpop("l", 1)].map(watch)
    await host.settle()

    for (const call of calls) {
      expect(call).toMatchObject({ error: expect.any(ConfigError), fate: "unsent" })
      expect(call.error?.message).toBe("there is no server")
    }
  })

  it("is asked for anew by the next command", async () => {
    const { redis, transport, host } = await warm()
    transport.refuseHandshake(new ReplyError(words))
    transport.cut()
    await host.settle()
    watch(redis.get("a"))
    await host.settle()

    transport.accept()

    expect(await redis.incr("n")).toBe(1)
  })

  it.each(["LOADING Redis is loading the dataset in memory", "ERR max number of clients reached"])(
    "is tried again when it says %s",
    async (message) => {
      const { redis, transport, host } = await warm({ commandTimeoutMs: 5_000 })
      transport.refuseHandshake(new ReplyError(message))
      transport.cut()
      await host.settle()
      const call = watch(redis.incr("n"))
      await host.advance(100)

      transport.accept()
      await host.advance(1_001)

      expect(call.value).toBe(1)
    },
  )
})

describe("how long the caller waited", () => {
  it("is told of what was lost without a reply, on the shared connection and on a lease", async () => {
    const { redis, transport, host } = await warm()
    const acquiring = redis.acquire()
    await host.settle()
    const lease = await acquiring
    transport.stall()

    const calls = [redis.incr("n"), lease.incr("n"), lease.get("n")].map(watch)
    await host.advance(50)
    transport.cut()
    await host.settle()

    expect(calls.map(({ fate }) => fate)).toEqual(["unknown", "unknown", "unknown"])
    for (const { error } of calls) expect(Reflect.get(Object(error), "waitedMs")).toBe(50)
  })
})

describe("a server that takes connections and closes them without an answer", () => {
  it("gets ever fewer of them, however many writes there are", async () => {
    const { redis, transport, host } = await warm()
    const before = transport.attempts

    for (let n = 0; n < 500; n += 1) {
      transport.hold()
      watch(redis.incr("n"))
      await host.advance(10)
      transport.cut()
      await host.advance(10)
    }

    expect(transport.attempts - before).toBeGreaterThan(5)
    expect(transport.attempts - before).toBeLessThan(60)
  })
})
