import { beforeEach, describe, expect, it } from "vitest"
import { type Bench, lines, record, warm, watch } from "./client.fixture.ts"
import { ConnectionError, PoolClosedError, ReplyError, UnsupportedCommandError } from "./errors.ts"
import { type Message, SlowConsumerError } from "./subscription.ts"
import type { FakeConnection } from "./testing/fake-connection.ts"
import type { Reply } from "./transport.ts"

let bench: Bench
/** What listens on each connection that was opened, by its id. */
let listeners: Map<number, (push: readonly Reply[]) => void>

/** A client whose connections can be pushed to; every SUBSCRIBE is confirmed unless a test says otherwise. */
beforeEach(async () => {
  bench = await warm({ max: 3 })
  await bench.host.advance(1_000)
  listeners = new Map()
  const { transport } = bench
  const connect = transport.connect.bind(transport)
  transport.connect = async (options) => {
    const connection = (await connect(options)) as FakeConnection
    return Object.assign(connection, {
      onPush: (listener: (push: readonly Reply[]) => void) => void listeners.set(connection.id, listener),
    })
  }
})

function confirm(times: number): void {
  for (let n = 0; n < times; n += 1) bench.transport.answerNext("confirmed")
}

function push(...parts: string[]): void {
  for (const listener of listeners.values()) listener(parts)
}

/** The messages of a subscription, as they come. */
function read(messages: AsyncIterable<Message>) {
  const got: Message[] = []
  const end = watch(
    (async () => {
      for await (const message of messages) got.push(message)
    })(),
  )
  return { got, end }
}

describe("a subscription", () => {
  it("is ready once the server has confirmed every name, on a connection of its own", async () => {
    const { redis, transport, host } = bench
    transport.hold()
    confirm(2)

    const ready = watch(redis.subscribe(["a", "b"]).ready)
    await host.settle()
    const before = ready.state
    transport.release()
    await host.settle()

    expect([before, ready.state]).toEqual(["pending", "resolved"])
    expect(lines(transport)).toEqual(["SUBSCRIBE a", "SUBSCRIBE b"])
    expect(redis.stats()).toMatchObject({ shared: 1, leased: 1 })
  })

  it("gets the messages of its own names and kind, whoever else listens", async () => {
    const { redis, host } = bench
    confirm(3)
    const [plain, other, pattern] = [
      read(redis.subscribe("a")),
      read(redis.subscribe("b")),
      read(redis.psubscribe("a*")),
    ]
    await host.settle()

    push("message", "a", "one")
    push("pmessage", "a*", "a", "one")
    await host.settle()

    expect(plain.got).toEqual([{ channel: "a", message: "one" }])
    expect(other.got).toEqual([])
    expect(pattern.got).toEqual([{ channel: "a", message: "one", pattern: "a*" }])
  })

  it("fails with the server's words when it is refused", async () => {
    const { redis, transport, host } = bench
    transport.answerNext(new ReplyError("NOPERM no channel"))

    const subscription = redis.subscribe("a")
    const [ready, { end }] = [watch(subscription.ready), read(subscription)]
    await host.settle()

    expect(ready.error?.message).toBe("NOPERM no channel")
    expect(end.error?.message).toBe("NOPERM no channel")
  })

  it("unsubscribes what nobody else wants, and gives its connection up with the last", async () => {
    const { redis, transport, host } = bench
    confirm(4)
    const [first, second] = [redis.subscribe(["a", "b"]), redis.subscribe("b")]
    await host.settle()

    await first.close()
    await host.settle()
    const sent = lines(transport)
    await second.close()
    await host.settle()

    expect(sent.slice(3)).toEqual(["UNSUBSCRIBE a"])
    expect(redis.stats()).toMatchObject({ leased: 0, idle: 0, evicted: 0 })
    expect(host.timers).toBe(0)
  })

  it("ends with the signal's reason", async () => {
    const { redis, host } = bench
    confirm(1)
    const abort = new AbortController()
    const { end } = read(redis.subscribe("a", { signal: abort.signal }))
    await host.settle()

    abort.abort(new Error("enough"))
    await host.settle()

    expect(end.error?.message).toBe("enough")
  })

  it("fails when its consumer falls behind", async () => {
    const { redis, host } = bench
    confirm(1)
    const subscription = redis.subscribe("a", { maxBuffered: 2 })
    await host.settle()

    for (const text of ["one", "two", "three"]) push("message", "a", text)
    const { end } = read(subscription)
    await host.settle()

    expect(end.error).toBeInstanceOf(SlowConsumerError)
  })

  it("needs a transport that has them", async () => {
    const { redis, host } = await warm()

    const { end } = read(redis.subscribe("a"))
    await host.settle()

    expect(end.error).toBeInstanceOf(UnsupportedCommandError)
    expect(redis.stats()).toMatchObject({ leased: 0, idle: 1 })
  })
})

describe("a subscribed connection that is lost", () => {
  it("is replaced, subscribed anew, and the gap is told", async () => {
    const { redis, transport, host } = bench
    const gaps = record(redis, "gap")
    confirm(2)
    const { got } = read(redis.subscribe("a"))
    await host.settle()

    transport.connections[1]?.destroy(new ConnectionError("gone"))
    await host.advance(50)
    push("message", "a", "after")
    await host.settle()

    expect(lines(transport)).toEqual(["SUBSCRIBE a", "SUBSCRIBE a"])
    expect(gaps).toEqual([{ subscriptions: 1 }])
    expect(got).toContainEqual({ channel: "a", message: "after" })
  })

  it("is replaced ever more slowly while the server closes it before it has answered", async () => {
    const { redis, transport, host } = bench
    confirm(1)
    redis.subscribe("a")
    await host.settle()
    const before = transport.attempts

    for (let n = 0; n < 500; n += 1) {
      transport.hold()
      transport.connections.at(-1)?.destroy(new ConnectionError("closed by a test"))
      await host.advance(20)
    }

    expect(transport.attempts - before).toBeGreaterThan(5)
    expect(transport.attempts - before).toBeLessThan(60)
  })

  it("is replaced even if it was lost at the very moment it was opened", async () => {
    const { redis, transport, host } = bench
    confirm(1)
    await (await redis.acquire()).release()
    const subscription = redis.subscribe("a")
    const ready = watch(subscription.ready)
    await Promise.resolve()

    transport.connections[1]?.destroy(new ConnectionError("gone"))
    await host.advance(100)

    expect(ready.state).toBe("resolved")
    expect(redis.stats()).toMatchObject({ leased: 1, idle: 0 })
  })

  it("is found out by a heartbeat when it says nothing", async () => {
    const { redis, transport, host } = bench
    confirm(1)
    read(redis.subscribe("a"))
    await host.settle()
    transport.connections[1]?.silence()
    confirm(1)

    await host.advance(10_200)

    expect(lines(transport)).toEqual(["SUBSCRIBE a", "PING", "SUBSCRIBE a"])
    expect(transport.connections[1]?.state).toBe("closed")
  })

  it("may be ended by a listener to the gap, and the next one connects", async () => {
    const { redis, transport, host } = bench
    confirm(1)
    const first = redis.subscribe("a")
    await host.settle()
    redis.on("gap", () => void first.close())
    confirm(2)
    transport.connections[1]?.destroy(new ConnectionError("gone"))
    await host.advance(1_000)
    const timers = host.timers

    const second = watch(redis.subscribe("b").ready)
    await host.settle()

    expect(timers).toBe(0)
    expect(second.state).toBe("resolved")
  })

  it("is no excuse for the next subscription: what can't be opened ends it", async () => {
    const { redis, transport, host } = bench
    confirm(1)
    const first = redis.subscribe("a")
    await host.settle()
    transport.refuse()
    transport.connections[1]?.destroy(new ConnectionError("gone"))
    await host.settle()
    await first.close()

    const second = watch(redis.subscribe("b").ready)
    await host.advance(2_000)

    expect(second.state).toBe("rejected")
  })

  it("leaves no timer when the last subscription ends while it rests", async () => {
    const { redis, transport, host } = bench
    confirm(1)
    const subscription = redis.subscribe("a")
    await host.settle()
    transport.refuse()
    transport.connections[1]?.destroy(new ConnectionError("gone"))
    await host.settle()

    await subscription.close()

    expect(host.timers).toBe(0)
  })
})

describe("the end of the client", () => {
  it.each(["close", "drain"] as const)("ends subscriptions and leaves nothing: %s", async (how) => {
    const { redis, transport, host } = bench
    confirm(1)
    const { end } = read(redis.subscribe("a"))
    await host.settle()

    const closed = watch(redis[how]())
    await host.advance(200)

    expect([end.state, closed.state]).toEqual(["resolved", "resolved"])
    expect(transport.open).toEqual([])
    expect(host.timers).toBe(0)
  })

  it("refuses subscriptions afterwards", async () => {
    const { redis } = bench
    await redis.close()

    expect(() => redis.subscribe("a")).toThrow(PoolClosedError)
  })
})
