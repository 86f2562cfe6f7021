import { getEventListeners } from "node:events"
import { describe, expect, it, vi } from "vitest"
import { FakeScope, lines, warm, watch } from "./client.fixture.ts"
import { ReplyError } from "./errors.ts"
import { SharedLane } from "./shared-lane.ts"

const reason = new Error("the caller gave up")

describe("an aborted command", () => {
  it("rejects with the signal's reason, unsent, when the signal had aborted before", async () => {
    const { redis, transport, host } = await warm()

    const call = watch(redis.with({ signal: AbortSignal.abort(reason) }).incr("n"))
    await host.settle()

    expect(call).toMatchObject({ error: reason, fate: "unsent" })
    expect(lines(transport)).toEqual([])
  })

  it("rejects at once, unsent, while it waits to be sent", async () => {
    const { redis, transport, host } = await warm()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).incr("n"))

    abort.abort(reason)
    await host.settle()

    expect(call).toMatchObject({ error: reason, fate: "unsent" })
    expect(lines(transport)).toEqual([])
  })

  it("rejects at once, unknown, when it was sent; its late reply is dropped", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).incr("a"))
    const neighbour = watch(redis.incr("b"))
    await host.settle()

    abort.abort(reason)
    await host.settle()
    const at = { ...call }
    transport.release()
    await host.settle()

    expect(at).toMatchObject({ error: reason, fate: "unknown" })
    expect(neighbour.value).toBe(1)
    expect(redis.stats()).toMatchObject({ shared: 1, evicted: 0 })
  })

  it("was refused when the server turned it away and it waited to be sent again", async () => {
    const { redis, transport, host } = await warm()
    const abort = new AbortController()
    transport.answerNext(new ReplyError("LOADING Redis is loading"))
    const call = watch(redis.with({ signal: abort.signal }).incr("n"))
    await host.settle()

    abort.abort(reason)
    await host.advance(100)

    expect(call).toMatchObject({ error: reason, fate: "refused" })
    expect(lines(transport)).toEqual(["INCR n"])
  })

  it("is not sent again when its connection is lost", async () => {
    const { redis, transport, host } = await warm()
    transport.silence()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).get("k"))
    await host.settle()

    abort.abort(reason)
    await host.settle()
    transport.cut()
    await host.advance(100)

    expect(call.error).toBe(reason)
    expect(lines(transport)).toEqual(["GET k"])
  })

  it("stays resolved when the signal aborts afterwards", async () => {
    const { redis } = await warm()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).incr("n"))
    await redis.settled()

    abort.abort(reason)

    expect(call).toMatchObject({ state: "resolved", value: 1 })
  })

  it("gives a reason that is no error as it is", async () => {
    const { redis } = await warm()

    const call = redis.with({ signal: AbortSignal.abort("enough") }).get("k")

    await expect(call).rejects.toBe("enough")
  })
})

describe("an aborted pipeline", () => {
  it("rejects exec with the reason, and was unsent when none of it had left", async () => {
    const { redis, host } = await warm()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).pipeline().incr("a").incr("b").exec())

    abort.abort(reason)
    await host.settle()

    expect(call).toMatchObject({ error: reason, fate: "unsent" })
  })

  it("is unknown when only a part of it had left", async () => {
    const { redis, transport, host } = await warm()
    transport.stopReading(0)
    const abort = new AbortController()
    const pipeline = redis.with({ signal: abort.signal }).pipeline()
    for (let n = 0; n < 400; n += 1) pipeline.set(`k${n}`, "x".repeat(1_024))
    const call = watch(pipeline.exec())
    await host.settle()

    abort.abort(reason)
    await host.settle()

    expect(transport.commands.length).toBeLessThan(400)
    expect(call).toMatchObject({ error: reason, fate: "unknown" })
  })

  it("is unknown when a part of it was answered and the rest refused", async () => {
    const { redis, transport, host } = await warm()
    const abort = new AbortController()
    const pipeline = redis.with({ signal: abort.signal }).pipeline().incr("a").get("a")
    const call = watch(pipeline.exec())
    transport.answerNext(1)
    transport.answerNext(new ReplyError("LOADING Redis is loading"))
    await host.settle()

    abort.abort(reason)
    await host.settle()

    expect(call).toMatchObject({ error: reason, fate: "unknown" })
  })

  it("rejects a transaction with the reason too", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).multi().incr("a").exec())
    await host.settle()

    abort.abort(reason)
    await host.settle()

    expect(call).toMatchObject({ error: reason, fate: "unknown" })
  })
})

describe("a signal", () => {
  it("has one listener, however many commands wait for it", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const { signal } = new AbortController()
    const view = redis.with({ signal })

    const calls = Array.from({ length: 100 }, () => watch(view.get("k")))
    await host.settle()

    expect(getEventListeners(signal, "abort")).toHaveLength(1)
    expect(calls.every(({ state }) => state === "pending")).toBe(true)
  })

  // Node keeps what `AbortSignal.any` gives for as long as it has a listener: for ever, when a source never aborts.
  it("has no listener once they have settled, and one again for the next", async () => {
    const { redis, transport, host } = await warm()
    const signal = AbortSignal.any([new AbortController().signal, new AbortController().signal])
    const view = redis.with({ signal })

    await view.get("k")
    const between = getEventListeners(signal, "abort").length
    transport.hold()
    watch(view.get("k"))
    await host.settle()

    expect(between).toBe(0)
    expect(getEventListeners(signal, "abort")).toHaveLength(1)
  })

  it("does not look at the commands of others: a thousand that abort in one moment would look at a million", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const abort = new AbortController()
    const mine = watch(redis.with({ signal: abort.signal }).get("k"))
    const other = watch(redis.get("k"))
    await host.settle()
    const looks = vi.spyOn(SharedLane.prototype, "unsettled", "get")

    abort.abort(reason)
    const count = looks.mock.calls.length
    looks.mockRestore()
    await host.settle()

    expect(count).toBe(0)
    expect(mine.error).toBe(reason)
    expect(other.state).toBe("pending")
  })

  it("of the invocation ends the commands of that invocation", async () => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const scope = new FakeScope()
    host.current = scope
    const mine = watch(redis.get("k"))
    host.current = new FakeScope()
    const other = watch(redis.get("k"))
    await host.settle()

    scope.abort(reason)
    await host.settle()

    expect(mine.error).toBe(reason)
    expect(other.state).toBe("pending")
  })

  it.each(["the command's own", "the invocation's"])("ends a command that has two: %s", async (which) => {
    const { redis, transport, host } = await warm()
    transport.hold()
    const scope = new FakeScope()
    host.current = scope
    const abort = new AbortController()
    const call = watch(redis.with({ signal: abort.signal }).get("k"))
    await host.settle()

    if (which === "the command's own") abort.abort(reason)
    else scope.abort(reason)
    await host.settle()

    expect(call.error).toBe(reason)
  })
})
