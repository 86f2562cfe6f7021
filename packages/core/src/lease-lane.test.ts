import { describe, expect, it } from "vitest"
import { batches, forget, lines, warm, watch } from "./client.fixture.ts"
import {
  ConnectionError,
  OutcomeUnknownError,
  ReplyError,
  TimeoutError,
  UnsupportedCommandError,
} from "./errors.ts"
import { FakeTransport } from "./testing/fake-transport.ts"

describe("a lease", () => {
  it("sends its commands over its own connection, one batch a tick", async () => {
    const { redis, transport } = await warm()

    await redis.use((lease) => Promise.all([lease.set("k", "1"), lease.get("k"), redis.get("k")]))

    expect(batches(transport, 0)).toEqual([["GET k"]])
    expect(batches(transport, 1)).toEqual([["SET k 1", "GET k"]])
  })

  it("runs WATCH, MULTI and EXEC on one connection", async () => {
    const { redis, transport } = await warm()
    const other = new FakeTransport({ host: transport.host, server: transport.server })
    const rival = await other.connect({ signal: new AbortController().signal })

    const outcomes = await redis.use(async (lease) => {
      await lease.watch("k")
      const undisturbed = await lease.multi().set("k", "1").exec()
      await lease.watch("k")
      await new Promise<void>((resolve) => {
        const done = () => resolve()
        rival.send([{ args: ["SET", "k", "2"], decode: "text", resolve: done, reject: done, lose: done }])
      })
      return [undisturbed, await lease.multi().set("k", "3").exec()]
    })

    expect(outcomes).toEqual([[[null, "OK"]], null])
  })

  it("refuses commands once it was released, and sends none of them", async () => {
    const { redis, transport } = await warm()
    const lease = await redis.acquire()
    await lease.release()
    forget(transport)

    await expect(lease.incr("n")).rejects.toThrow(ConnectionError)
    await expect(lease.incr("n")).rejects.toThrow("the lease was released")
    await expect(lease.multi().incr("n").exec()).rejects.toThrow("the lease was released")
    expect(await lease.pipeline().incr("n").exec()).toEqual([[expect.any(ConnectionError), undefined]])
    expect(lines(transport)).toEqual([])
  })

  it("may be released twice without giving its connection to two", async () => {
    const { redis } = await warm({ max: 2 })
    const lease = await redis.acquire()

    await Promise.all([lease.release(), lease.release()])
    await lease.release()

    expect(redis.stats()).toMatchObject({ idle: 1, leased: 0 })
  })

  it("is released by await using, and however the callback of use ends", async () => {
    const { redis } = await warm()
    {
      await using lease = await redis.acquire()
      await lease.ping()
    }

    const failed = redis.use(() => {
      throw new Error("the callback's own")
    })

    await expect(failed).rejects.toThrow("the callback's own")
    expect(redis.stats()).toMatchObject({ idle: 1, leased: 0 })
  })

  it("refuses what was not sent yet when it is released", async () => {
    const { redis, transport } = await warm()
    const lease = await redis.acquire()

    const call = watch(lease.incr("n"))
    await lease.release()

    expect(call).toMatchObject({ error: expect.any(ConnectionError), fate: "unsent" })
    expect(lines(transport)).toEqual([])
  })

  it("refuses what no lease can do either", async () => {
    const { redis } = await warm()

    const call = redis.use((lease) => lease.call("SUBSCRIBE", "channel"))

    await expect(call).rejects.toThrow(UnsupportedCommandError)
  })
})

describe("a lease that comes back", () => {
  it("is cleaned by UNWATCH after a WATCH", async () => {
    const { redis, transport } = await warm()

    await redis.use((lease) => lease.watch("k"))

    expect(lines(transport)).toEqual(["WATCH k", "UNWATCH"])
    expect(redis.stats()).toMatchObject({ idle: 1, evicted: 0 })
  })

  it("is leased again as it is after ordinary commands", async () => {
    const { redis, transport } = await warm()

    await redis.use((lease) => lease.set("k", "1"))

    expect(lines(transport)).toEqual(["SET k 1"])
    expect(redis.stats()).toMatchObject({ idle: 1, evicted: 0 })
  })

  it.each(["select", "call"] as const)("is evicted after SELECT by %s", async (how) => {
    const { redis } = await warm()

    await redis.use((lease) => (how === "select" ? lease.select(1) : lease.call("select", 1)))

    expect(redis.stats()).toMatchObject({ idle: 0, leased: 0, evicted: 1 })
  })

  it("is evicted when replies are still owed", async () => {
    const { redis, transport, host } = await warm()
    const lease = await redis.acquire()
    transport.hold()
    const call = watch(lease.incr("n"))
    await host.settle()

    await lease.release()
    await host.settle()

    expect(call).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(redis.stats()).toMatchObject({ idle: 0, evicted: 1 })
  })

  it("is evicted when a command on it timed out, even if the reply came since", async () => {
    const { redis, transport, host } = await warm({ commandTimeoutMs: 50 })
    const lease = await redis.acquire()
    transport.hold()
    const call = watch(lease.get("k"))
    await host.advance(60)
    transport.release()
    await host.settle()

    await lease.release()

    expect(call.error).toBeInstanceOf(TimeoutError)
    expect(redis.stats()).toMatchObject({ idle: 0, evicted: 1 })
  })

  it("is evicted when the server said that it is not the one to ask", async () => {
    const { redis, transport, host } = await warm()
    const lease = await redis.acquire()
    transport.answerNext(new ReplyError("READONLY You can't write against a read only replica."))
    const call = watch(lease.incr("n"))
    await host.settle()

    await lease.release()

    expect(call).toMatchObject({ error: expect.any(ReplyError), fate: "refused" })
    expect(redis.stats()).toMatchObject({ idle: 0, evicted: 1 })
  })

  it("is evicted when UNWATCH is not answered in time", async () => {
    const { redis, transport, host } = await warm({ validateTimeoutMs: 50 })
    const lease = await redis.acquire()
    await lease.watch("k")
    transport.silence()

    const released = watch(lease.release())
    await host.advance(60)

    expect(released.state).toBe("resolved")
    expect(redis.stats()).toMatchObject({ idle: 0, evicted: 1 })
  })
})

describe("a lease whose connection is lost", () => {
  it("fails what was sent as unknown, and sends nothing again", async () => {
    const { redis, transport, host } = await warm()
    const lease = await redis.acquire()
    transport.loseReplyOf(1)

    const calls = [lease.incr("n"), lease.get("n")].map(watch)
    await host.advance(2_000)

    expect(calls[0]).toMatchObject({ error: expect.any(OutcomeUnknownError), fate: "unknown" })
    expect(calls[1]).toMatchObject({ error: expect.any(ConnectionError), fate: "unknown" })
    expect(lines(transport)).toEqual(["INCR n", "GET n"])
  })

  it("fails what comes later as unsent, and gives its place back when it is released", async () => {
    const { redis, transport, host } = await warm({ max: 2 })
    const lease = await redis.acquire()
    transport.cut()
    await host.settle()

    const call = watch(lease.incr("n"))
    await host.settle()
    await lease.release()
    await (await redis.acquire()).release()

    expect(call).toMatchObject({ error: expect.any(ConnectionError), fate: "unsent" })
    expect(redis.stats()).toMatchObject({ idle: 1, leased: 0 })
  })

  it("fails what still lay in the send buffer as unsent", async () => {
    const { redis, transport, host } = await warm()
    const lease = await redis.acquire()
    transport.fillBacklog(1_000)
    const call = watch(lease.incr("n"))
    await host.settle()

    transport.cut()
    await host.settle()

    expect(call).toMatchObject({ error: expect.any(ConnectionError), fate: "unsent" })
  })

  it("goes on when the kernel takes bytes again", async () => {
    const { redis, transport, host } = await warm()
    const lease = await redis.acquire()
    transport.fillBacklog(1_000)
    const call = watch(lease.incr("n"))
    await host.settle()

    transport.drainBacklog()
    await host.settle()

    expect(call.value).toBe(1)
  })
})

describe("the listeners of a leased connection", () => {
  it("do not grow with the number of leases", async () => {
    const { redis, transport } = await warm()
    let listeners = 0
    const connect = transport.connect.bind(transport)
    transport.connect = async (options) => {
      const connection = await connect(options)
      const onWritable = connection.onWritable.bind(connection)
      connection.onWritable = (listener) => {
        listeners += 1
        onWritable(listener)
      }
      return connection
    }

    for (let n = 0; n < 10; n += 1) await redis.use((lease) => lease.ping())

    expect(transport.attempts).toBe(2)
    expect(listeners).toBe(1)
  })
})
