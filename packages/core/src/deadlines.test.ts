import { describe, expect, it, vi } from "vitest"
import { cold, FakeScope, lines, record, setBack, warm, watch } from "./client.fixture.ts"
import { Deadlines } from "./deadlines.ts"
import { ConnectionError, OutcomeUnknownError, TimeoutError } from "./errors.ts"
import type { Pending } from "./pending.ts"
import { FakeHost } from "./testing/fake-host.ts"

describe("a command past its deadline", () => {
  it("fails as unknown when it was sent and may have run", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()

    const call = watch(redis.incr("n"))
    await host.advance(999)
    const before = call.state
    await host.advance(1)

    expect(before).toBe("pending")
    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(call.error).toMatchObject({ waitedMs: 1_000, cause: expect.any(TimeoutError) })
  })

  it("fails with a timeout when it only read", async () => {
    const { redis, transport, host } = await warm()
    transport.stall()

    const call = watch(redis.get("k"))
    await host.advance(1_000)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unknown" })
  })

  it("fails as unsent when it never left", async () => {
    const { redis, transport, host } = await warm()
    transport.fillBacklog(1_000)

    const call = watch(redis.incr("n"))
    await host.advance(1_000)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
    expect(lines(transport)).toEqual([])
  })

  it("keeps its place: its late reply is dropped, and its neighbours get their own", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()

    const short = watch(redis.with({ timeoutMs: 5 }).incr("a"))
    const long = watch(redis.incr("b"))
    await host.advance(10)
    const before = long.state
    transport.release()
    await host.settle()

    expect(short.fate).toBe("unknown")
    expect(before).toBe("pending")
    expect(long.value).toBe(1)
  })

  it("does not cost the shared connection", async () => {
    const { redis, transport, host } = await warm()
    transport.setLatency(20)

    const short = watch(redis.with({ timeoutMs: 5 }).get("k"))
    await host.advance(400)
    const next = watch(redis.incr("n"))
    await host.advance(20)

    expect(short.error).toBeInstanceOf(TimeoutError)
    expect(next.value).toBe(1)
    expect(transport.attempts).toBe(1)
    expect(redis.stats()).toMatchObject({ shared: 1, evicted: 0 })
  })

  it("is told to listeners, with its name and fate only", async () => {
    const { redis, transport, host } = await warm()
    const timeouts = record(redis, "timeout")
    transport.silence()

    watch(redis.set("key-of-mine", "value-of-mine"))
    await host.advance(1_000)

    expect(timeouts).toEqual([{ command: "SET", fate: "unknown", waitedMs: 1_000 }])
  })

  it("names the connect error as its cause when there was no connection", async () => {
    const { redis, transport, host } = cold()
    transport.refuse(new ConnectionError("refused by a test"))

    const call = watch(redis.incr("n"))
    await host.advance(1_000)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
    expect(call.error?.message).toContain("refused by a test")
    expect(call.error?.cause).toMatchObject({ message: "refused by a test" })
  })

  it("says that it was still connecting when the connect hangs", async () => {
    const { redis, transport, host } = cold()
    transport.hang()

    const call = watch(redis.incr("n"))
    await host.advance(1_000)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
    expect(call.error?.cause).toBeInstanceOf(ConnectionError)
  })
})

describe("what a timeout says", () => {
  it("names the limits to raise", async () => {
    const { redis, transport, host } = await warm()
    transport.stall("accepting")

    const call = watch(redis.get("k"))
    await host.advance(1_000)

    expect(call.error?.message).toMatch(
      /^no reply to GET in \d+ ms: raise commandTimeoutMs, or the function's own timeout, if/,
    )
  })

  it("says what happened to the connection instead, when that is why", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()

    const call = watch(redis.get("k"))
    await host.advance(10)
    transport.refuse(new ConnectionError("refused by a test"))
    transport.cut()
    await host.advance(1_000)

    expect(call.error).toBeInstanceOf(TimeoutError)
    expect(call.error?.message).toContain(String(Reflect.get(Object(call.error?.cause), "message")))
    expect(call.error?.message).not.toContain("raise")
  })

  it("gives a reason for what was held back, too", async () => {
    const { redis, transport, host } = await warm()
    transport.stall("accepting")
    await host.freeze(5_000)

    const call = watch(redis.incr("n"))
    await host.advance(1_000)

    expect(call).toMatchObject({ fate: "unsent", error: expect.any(TimeoutError) })
    expect(call.error?.message).toMatch(/^INCR was not sent in \d+ ms: [a-z]/)
  })
})

describe("the verdict after a freeze", () => {
  it.each([1, 3, 10])("delivers a reply that arrives in %i turns of the loop", async (turns) => {
    const { redis, transport, host } = await warm()
    await redis.set("k", "x".repeat(10_000))
    transport.setLatency(5)
    transport.trickle(turns)

    const call = watch(redis.get("k"))
    await host.settle()
    await host.freeze(2_000)
    await host.advance(100)

    expect(call.state).toBe("resolved")
    expect(transport.attempts).toBe(1)
  })

  it("delivers a large reply of which a part still comes in after the thaw", async () => {
    const { redis, transport, host } = await warm()
    await redis.set("k", "x".repeat(10_000))
    transport.setLatency(5)
    transport.trickle(10, 4)

    const call = watch(redis.get("k"))
    await host.settle()
    await host.freeze(2_000)
    await host.advance(100)

    expect(call.state).toBe("resolved")
    expect(transport.attempts).toBe(1)
  })

  it("fails a write whose reply did not come during the freeze either", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()

    const call = watch(redis.incr("n"))
    await host.settle()
    await host.freeze(2_000)
    await host.advance(200)

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
  })

  it("does not send what was past its deadline before it could leave", async () => {
    const { redis, transport, host } = await warm({ validateAfterMs: 60_000 })

    const call = watch(redis.incr("n"))
    await host.freeze(2_000)
    await host.advance(200)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
    expect(lines(transport)).toEqual([])
  })
})

describe("the limit of an invocation", () => {
  it("is its end less the reserve", async () => {
    const { redis, transport, host } = await warm()
    host.current = new FakeScope(host.now() + 500)
    transport.silence()

    const call = watch(redis.incr("n"))
    await host.advance(299)
    const before = call.state
    await host.advance(1)

    expect(before).toBe("pending")
    expect(call).toMatchObject({ state: "rejected", fate: "unknown" })
  })

  it("refuses to send what could not be answered in time", async () => {
    const { redis, transport, host } = await warm()
    host.current = new FakeScope(host.now() + 100)

    const call = watch(redis.incr("n"))
    await host.advance(1)

    expect(call).toMatchObject({ error: expect.any(TimeoutError), fate: "unsent" })
    expect(call.error?.message).toContain("reserveMs")
    expect(lines(transport)).toEqual([])
  })

  it("never mixes with that of 63 others at once", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 10_000 })
    transport.stall()
    const scopes = Array.from({ length: 64 }, (_, n) => new FakeScope(host.now() + 210 + n * 10))

    const calls = scopes.map((scope) => {
      host.current = scope
      return watch(redis.incr("n"))
    })
    host.current = undefined

    for (const [n, call] of calls.entries()) {
      await host.advance(n === 0 ? 9 : 9)
      expect(call.state).toBe("pending")
      await host.advance(1)
      expect(call).toMatchObject({
        state: "rejected",
        error: expect.objectContaining({ waitedMs: 10 + n * 10 }),
      })
    }
  })
})

describe("the timer of all deadlines", () => {
  it("is one, however many commands wait", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()

    const calls = Array.from({ length: 100 }, (_, n) => watch(redis.with({ timeoutMs: 100 + n }).get("k")))
    await host.settle()

    // The other watches for silence.
    expect(host.timers).toBe(2)
    expect(calls.every(({ state }) => state === "pending")).toBe(true)
  })

  it("moves forward when a shorter deadline comes", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const long = watch(redis.get("a"))
    const short = watch(redis.with({ timeoutMs: 50 }).get("b"))

    await host.advance(50)

    expect([long.state, short.state]).toEqual(["pending", "rejected"])
  })

  it("is never longer than a timer can be", async () => {
    const host = new FakeHost()
    const after = vi.spyOn(host, "after")
    const deadlines = new Deadlines(host, 100)
    const pending = { deadline: 2 ** 40 } as Pending
    const expire = vi.fn()
    deadlines.watch({ unsettled: [pending], expire })

    deadlines.arm(pending.deadline)
    await host.advance(2 ** 31)

    expect(after.mock.calls.map(([ms]) => ms)).toEqual([2 ** 31 - 1, 2 ** 31 - 1])
    expect(expire).not.toHaveBeenCalled()
  })

  it("ends every wait although the clock is set back", async () => {
    const { redis, transport, host } = await warm()
    transport.stall()
    const call = watch(redis.incr("n"))
    await host.advance(500)

    setBack(host, 3_600_000)
    const later = watch(redis.with({ timeoutMs: 200 }).get("k"))
    await host.advance(200)
    const between = later.state
    await host.advance(800)

    expect(between).toBe("rejected")
    expect(call.state).toBe("rejected")
  })
})
