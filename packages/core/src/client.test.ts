import { describe, expect, it } from "vitest"
import { batches, cold, FakeScope, forget, lines, warm, watch } from "./client.fixture.ts"
import {
  AcquireTimeoutError,
  ConnectionError,
  OutcomeUnknownError,
  PoolClosedError,
  ReplyError,
  TimeoutError,
} from "./errors.ts"

describe("a blocking command", () => {
  it("waits on a connection of its own, and a GET beside it is answered at once", async () => {
    const { redis, transport, host } = await warm()
    const blocked = watch(redis.blpop("l", 5))
    await host.settle()

    const value = await redis.get("k")
    const before = blocked.state
    await redis.rpush("l", "late")
    await host.settle()

    expect(value).toBeNull()
    expect(before).toBe("pending")
    expect(blocked.value).toEqual(["l", "late"])
    expect(batches(transport, 1)).toEqual([["BLPOP l 5"]])
    expect(redis.stats()).toMatchObject({ shared: 1, idle: 1, leased: 0 })
  })

  it("has its own wait added to its deadline", async () => {
    const { redis, host } = await warm()

    const call = watch(redis.blpop("l", 30))
    await host.advance(29_999)
    const before = call.state
    await host.advance(1)

    expect(before).toBe("pending")
    expect(call).toMatchObject({ state: "resolved", value: null })
  })

  it("that never answers ends after its wait and the command's own limit", async () => {
    const { redis, transport, host } = await warm()
    await (await redis.acquire()).release()
    transport.silence()

    const call = watch(redis.blpop("l", 2))
    await host.advance(2_999)
    const before = call.state
    await host.advance(1)

    expect(before).toBe("pending")
    expect(call.state).toBe("rejected")
  })

  it("waits without end when asked to, and runs no timer", async () => {
    const { redis, host } = await warm()
    await host.advance(2_000)

    const call = watch(redis.blpop("l", 0))
    await host.advance(3_600_000)

    expect(call.state).toBe("pending")
    expect(host.timers).toBe(0)
  })

  it("that is aborted rejects with the reason and frees its connection", async () => {
    const { redis, transport, host } = await warm({ max: 2 })
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).blpop("l", 0))
    await host.settle()

    abort.abort(new Error("gave up"))
    await host.settle()
    const next = watch(redis.blpop("l", 0))
    await host.settle()
    await redis.rpush("l", "one")
    await host.settle()

    expect(call).toMatchObject({ error: expect.objectContaining({ message: "gave up" }), fate: "unknown" })
    expect(next.value).toEqual(["l", "one"])
    expect(transport.connections[1]?.state).toBe("closed")
  })

  it("whose wait for a lease is aborted was not sent", async () => {
    const { redis, transport, host } = await warm({ max: 2 })
    await redis.acquire()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).blpop("l", 0))
    await host.settle()

    abort.abort(new Error("gave up"))
    await host.settle()

    expect(call).toMatchObject({ error: expect.objectContaining({ message: "gave up" }), fate: "unsent" })
    expect(lines(transport)).toEqual([])
  })

  it("waits for a lease no longer than its own limit", async () => {
    const { redis, host } = await warm({ max: 2, commandTimeoutMs: 100, acquireTimeoutMs: 1_000 })
    await redis.acquire()

    const call = watch(redis.blpop("l", 0))
    await host.advance(100)

    expect(call).toMatchObject({ error: expect.any(AcquireTimeoutError), fate: "unsent" })
  })

  it("ends with its invocation, while it waits for a lease too", async () => {
    const { redis, host } = await warm({ max: 2 })
    await redis.acquire()
    const scope = new FakeScope()
    host.current = scope
    const call = watch(redis.blpop("l", 0))
    await host.settle()

    scope.abort(new Error("the invocation is over"))
    await host.settle()

    expect(call).toMatchObject({ error: { message: "the invocation is over" }, fate: "unsent" })
  })

  it("that was refused is sent again", async () => {
    const { redis, transport, host } = await warm()
    await redis.rpush("l", "one")
    transport.answerNext(new ReplyError("LOADING Redis is loading"))

    const call = watch(redis.blpop("l", 1))
    await host.advance(100)

    expect(call.value).toEqual(["l", "one"])
  })

  it("that was refused by a replica is sent again over another connection", async () => {
    const { redis, transport, host } = await warm()
    await redis.rpush("l", "one")
    forget(transport)
    transport.answerNext(new ReplyError("READONLY You can't write against a read only replica."))

    const call = watch(redis.blpop("l", 1))
    await host.advance(100)

    expect(call.value).toEqual(["l", "one"])
    expect(transport.connections.map(({ state }) => state)).toEqual(["open", "closed", "open"])
  })

  it("that was never written is sent again over another connection", async () => {
    const { redis, transport, host } = await warm()
    await redis.rpush("l", "one")
    await (await redis.acquire()).release()
    const call = watch(redis.blpop("l", 1))
    await Promise.resolve()

    transport.connections[1]?.destroy(new ConnectionError("gone"))
    await host.advance(100)

    expect(call.value).toEqual(["l", "one"])
  })

  it("whose reply was lost is not sent again", async () => {
    const { redis, transport, host } = await warm()
    await redis.rpush("l", "one", "two")
    transport.loseReplyOf(1)

    const call = watch(redis.blpop("l", 1))
    await host.advance(3_000)

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(await redis.lrange("l", 0, -1)).toEqual(["two"])
  })

  it("is refused by a closed client", async () => {
    const { redis } = await warm()
    await redis.close()

    await expect(redis.blpop("l", 1)).rejects.toThrow(PoolClosedError)
  })
})

describe("settled", () => {
  it("resolves when every command of the invocation has, awaited or not, failed or not", async () => {
    const { redis, host } = await warm()
    host.current = new FakeScope()

    const calls = [redis.set("k", "word"), redis.incr("k"), redis.blpop("l", 0.1)].map(watch)
    const done = watch(redis.settled())
    await host.settle()
    const before = done.state
    await host.advance(100)

    expect(before).toBe("pending")
    expect(done.state).toBe("resolved")
    expect(calls.map(({ state }) => state)).toEqual(["resolved", "rejected", "resolved"])
  })

  it("waits for what a caller issues when it gets its reply", async () => {
    const { redis, host } = await warm()
    host.current = new FakeScope()
    const chain = async () => {
      await redis.get("k")
      await redis.set("k", "1")
      await redis.incr("k")
    }

    const all = watch(chain())
    await redis.settled()

    expect(all.state).toBe("resolved")
  })

  it("waits for the commands of its own invocation only", async () => {
    const { redis, transport, host } = await warm()
    const [first, second] = [new FakeScope(), new FakeScope()]
    host.current = first
    await redis.get("k")
    transport.hold()
    host.current = second
    const other = watch(redis.get("k"))
    await host.settle()

    host.current = first
    await redis.settled()

    expect(other.state).toBe("pending")
  })

  it("waits for everything outside an invocation", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    host.current = new FakeScope()
    watch(redis.get("k"))
    host.current = undefined
    await host.settle()

    const done = watch(redis.settled())
    await host.settle()
    const before = done.state
    transport.release()
    await host.settle()

    expect(before).toBe("pending")
    expect(done.state).toBe("resolved")
  })

  it("resolves at once when nothing is pending", async () => {
    const { redis } = cold()

    await expect(redis.settled()).resolves.toBeUndefined()
  })

  it("gives the invocation one promise for each burst of commands", async () => {
    const { redis, host } = await warm()
    const scope = new FakeScope()
    host.current = scope

    await Promise.all([redis.get("a"), redis.get("b"), redis.pipeline().get("c").get("d").exec()])
    const first = scope.tracked.length
    await redis.get("e")
    await Promise.all(scope.tracked)

    expect(first).toBe(1)
    expect(scope.tracked).toHaveLength(2)
  })

  it("never mixes 64 invocations at once", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const scopes = Array.from({ length: 64 }, () => new FakeScope())
    const done = scopes.map((scope, n) => {
      host.current = scope
      if (n % 2 === 0) watch(redis.get("k"))
      return watch(redis.settled())
    })
    host.current = undefined
    await host.settle()
    const before = done.map(({ state }) => state)
    transport.release()
    await host.settle()

    expect(before).toEqual(scopes.map((_, n) => (n % 2 === 0 ? "pending" : "resolved")))
    expect(done.every(({ state }) => state === "resolved")).toBe(true)
    expect(transport.attempts).toBe(1)
  })
})

describe("close", () => {
  it("gives up what is in flight and what was not sent, each with its fate, and leaves nothing", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const sent = [
      redis.incr("n"),
      redis.get("k"),
      redis.multi().incr("n").exec(),
      redis.pipeline().incr("n").exec(),
      redis.blpop("l", 0),
    ].map(watch)
    await host.settle()
    const unsent = [redis.incr("n"), redis.get("k"), redis.multi().incr("n").exec()].map(watch)

    await redis.close()
    await host.settle()

    expect(sent.map(({ fate }) => fate)).toEqual(["unknown", "unknown", "unknown", undefined, "unknown"])
    expect(sent[0]?.error).toBeInstanceOf(OutcomeUnknownError)
    expect(sent[0]?.error?.cause).toBeInstanceOf(PoolClosedError)
    expect(sent[3]?.value).toEqual([[expect.any(OutcomeUnknownError), undefined]])
    for (const call of unsent)
      expect(call).toMatchObject({ error: expect.any(PoolClosedError), fate: "unsent" })
    expect(transport.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("rejects everything afterwards, nothing sent", async () => {
    const { redis, transport, host } = await warm()
    await redis.close()

    const calls = [redis.get("k"), redis.prewarm(), redis.multi().incr("n").exec(), redis.blpop("l", 0)].map(
      watch,
    )
    const pipeline = watch(redis.pipeline().incr("n").exec())
    await host.settle()

    for (const call of calls) expect(call).toMatchObject({ error: expect.any(PoolClosedError) })
    for (const call of calls) expect(call.error).toMatchObject({ fate: "unsent", code: "ERR_POOL_CLOSED" })
    expect(pipeline.value).toEqual([[expect.any(PoolClosedError), undefined]])
    expect(lines(transport)).toEqual([])
    expect(transport.attempts).toBe(1)
    expect(host.timers).toBe(0)
  })

  it("may be called twice, beside drain, and before anything was opened", async () => {
    const { redis, transport, host } = cold()

    await Promise.all([redis.close(), redis.close(), redis.drain()])
    await redis.close()

    expect(transport.attempts).toBe(0)
    expect(host.timers).toBe(0)
  })

  it("abandons a connect under way", async () => {
    const { redis, transport, host } = cold()
    transport.hang()
    const call = watch(redis.get("k"))
    await host.settle()

    await redis.close()
    await host.settle()

    expect(call).toMatchObject({ error: expect.any(PoolClosedError), fate: "unsent" })
    expect(transport.connecting).toBe(0)
    expect(host.timers).toBe(0)
  })

  it("destroys a connection that opens at the very same moment", async () => {
    const { redis, transport, host } = cold()
    const connect = transport.connect.bind(transport)
    transport.connect = async (options) => {
      const connection = await connect(options)
      queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => void redis.close())))
      return connection
    }
    const call = watch(redis.get("k"))

    await host.settle()

    expect(call.state).toBe("rejected")
    expect(transport.open).toEqual([])
  })

  it.each(["a doubt", "a suspicion", "a pause", "a survivor"])("leaves no timer in %s", async (when) => {
    const { redis, transport, host } = await warm()
    if (when === "a doubt") {
      transport.stall()
      await host.freeze(5_000)
      watch(redis.incr("n"))
      await host.advance(5)
    }
    if (when === "a suspicion") {
      transport.stall()
      watch(redis.with({ timeoutMs: 5 }).incr("n"))
      await host.advance(50)
    }
    if (when === "a pause") {
      transport.refuse()
      transport.cut()
      watch(redis.incr("n"))
      await host.advance(100)
    }
    if (when === "a survivor") {
      transport.answerNext(new ReplyError("LOADING Redis is loading"))
      watch(redis.incr("n"))
      await host.settle()
    }

    await redis.close()
    await host.settle()

    expect(host.timers).toBe(0)
  })

  it("ends the leases that are held", async () => {
    const { redis, transport, host } = await warm()
    const lease = await redis.acquire()
    transport.hold()
    const call = watch(lease.incr("n"))
    await host.settle()

    await redis.close()
    const late = watch(lease.incr("n"))
    await host.settle()

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(late).toMatchObject({ state: "rejected", fate: "unsent" })
    expect(redis.stats()).toMatchObject({ leased: 0, idle: 0, shared: 0 })
    expect(host.timers).toBe(0)
  })
})

describe("drain", () => {
  it("lets what was issued finish, refuses what comes later, and closes all", async () => {
    const { redis, transport, host } = await warm()
    const old = [redis.incr("n"), redis.get("n")].map(watch)

    const drained = watch(redis.drain())
    const late = watch(redis.get("k"))
    await host.settle()

    expect(old.map(({ value }) => value)).toEqual([1, "1"])
    expect(late).toMatchObject({ error: expect.any(PoolClosedError), fate: "unsent" })
    expect(drained.state).toBe("resolved")
    expect(transport.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("still sends survivors", async () => {
    const { redis, transport, host } = await warm()
    transport.loseReplyOf(1)
    const call = watch(redis.get("k"))

    const drained = watch(redis.drain())
    await host.advance(100)

    expect(call.state).toBe("resolved")
    expect(drained.state).toBe("resolved")
  })

  it("waits for leases for commandTimeoutMs at the most", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 300 })
    await redis.acquire()

    const drained = watch(redis.drain())
    await host.advance(299)
    const before = drained.state
    await host.advance(1)
    await host.settle()

    expect(before).toBe("pending")
    expect(drained.state).toBe("resolved")
    expect(transport.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("lets a lease go on until it is released", async () => {
    const { redis, host } = await warm()
    const lease = await redis.acquire()

    const drained = watch(redis.drain())
    await host.settle()
    const value = await lease.incr("n")
    await lease.release()
    await host.settle()

    expect(value).toBe(1)
    expect(drained.state).toBe("resolved")
  })

  it("ends a command that would block for ever", async () => {
    const { redis, transport, host } = await warm()
    const call = watch(redis.blpop("l", 0))
    await host.settle()

    const drained = watch(redis.drain())
    await host.advance(1_100)

    expect(call).toMatchObject({ state: "rejected", fate: "unknown" })
    expect(drained.state).toBe("resolved")
    expect(transport.open).toEqual([])
  })

  it("ends although the server is silent", async () => {
    const { redis, transport, host } = await warm()
    transport.stall()
    const call = watch(redis.incr("n"))
    await host.settle()

    const drained = watch(redis.drain())
    await host.advance(1_200)

    expect(call.error).toBeInstanceOf(OutcomeUnknownError)
    expect(drained.state).toBe("resolved")
    expect(transport.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("is cut short by close", async () => {
    const { redis, transport, host } = await warm()
    await redis.acquire()
    const drained = watch(redis.drain())
    await host.settle()

    await redis.close()
    await host.settle()

    expect(drained.state).toBe("resolved")
    expect(transport.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("is what the end of an await using block does", async () => {
    const { redis, transport, host } = await warm()
    const block = async () => {
      await using client = redis
      await client.incr("n")
    }

    await block()
    await host.settle()

    expect(transport.open).toEqual([])
    await expect(redis.get("k")).rejects.toThrow(PoolClosedError)
  })
})

describe("a failure that nobody awaits", () => {
  it("is no unhandled rejection: those end a Lambda", async () => {
    const { redis, transport, host } = await warm({ max: 2, acquireTimeoutMs: 50 })
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on("unhandledRejection", note)
    const gaveUp = redis.with({ signal: AbortSignal.abort(new Error("gave up")) })
    transport.stall()

    void redis.incr("n")
    void redis.call("SELECT", 1)
    void redis.multi().incr("n").exec()
    void gaveUp.pipeline().incr("n").exec()
    void redis.acquire()
    void redis.blpop("l", 0)
    void redis.prewarm()
    void redis.defineScript("return 1", { keys: 0 })()
    void redis.defineScript("return 1", { keys: 1 })()
    await host.advance(2_000)
    void redis.acquire()
    await redis.close()
    void redis.get("k")
    void redis.blpop("l", 0)
    await host.settle()
    process.off("unhandledRejection", note)

    expect(unhandled).toEqual([])
  })
})

describe("prewarm", () => {
  it("opens the connection before it is needed", async () => {
    const { redis, transport } = cold()

    await redis.prewarm()

    expect(transport.attempts).toBe(1)
    expect(redis.stats()).toMatchObject({ shared: 1 })
  })

  it("rejects when the server can't be reached, and harms nothing", async () => {
    const { redis, transport, host } = cold()
    transport.refuse()
    const call = watch(redis.prewarm())
    await host.advance(1_000)

    transport.accept()
    const next = watch(redis.incr("n"))
    await host.settle()

    expect(call.error).toBeInstanceOf(TimeoutError)
    expect(next.value).toBe(1)
  })
})
