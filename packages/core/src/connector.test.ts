import { describe, expect, it } from "vitest"
import { cold, record, watch } from "./client.fixture.ts"
import { Connector } from "./connector.ts"
import { ConnectionError, PoolClosedError } from "./errors.ts"
import { FakeHost } from "./testing/fake-host.ts"
import { FakeTransport } from "./testing/fake-transport.ts"
import type { Connection } from "./transport.ts"

describe("a connector", () => {
  it("gives up an attempt that does not open in time, and says what to look at", async () => {
    const transport = new FakeTransport()
    transport.hang()
    const connector = new Connector(transport, transport.host, 300)

    const attempt = watch(connector.open())
    await transport.host.advance(299)
    const before = [attempt.state, connector.connecting]
    await transport.host.advance(1)

    expect(before).toEqual(["pending", 1])
    expect(attempt.error).toBeInstanceOf(ConnectionError)
    expect(attempt.error?.message).toContain("no connection in 300 ms")
    expect(attempt.error).toMatchObject({ fate: "unsent", waitedMs: 300 })
    expect([connector.connecting, transport.connecting]).toEqual([0, 0])
  })

  it("uses a connection that opened while the process was frozen", async () => {
    const transport = new FakeTransport()
    transport.setLatency(50)
    const connector = new Connector(transport, transport.host, 300)

    const attempt = watch(connector.open())
    await transport.host.freeze(2_000)

    expect(attempt.state).toBe("resolved")
    expect(transport.host.timers).toBe(0)
  })

  it("begins an attempt anew, at once, that a freeze overtook", async () => {
    const transport = new FakeTransport()
    transport.hang()
    const connector = new Connector(transport, transport.host, 300)
    const attempt = watch(connector.open())
    await transport.host.settle()

    await transport.host.freeze(5_000)
    const [attempts, before] = [transport.attempts, attempt.state]
    transport.accept()
    await transport.host.settle()

    expect([attempts, before]).toEqual([2, "pending"])
    expect(attempt.state).toBe("resolved")
    expect(transport.open).toHaveLength(1)
  })

  it("destroys a connection that opens after it was given up", async () => {
    const transport = new FakeTransport()
    let open: ((connection: Connection) => void) | undefined
    const connection = await transport.connect({ signal: new AbortController().signal })
    const slow = {
      traits: transport.traits,
      connect: () => new Promise<Connection>((resolve) => (open = resolve)),
    }
    const connector = new Connector(slow, transport.host, 100)
    const attempt = watch(connector.open())
    await transport.host.advance(100)

    open?.(connection)
    await transport.host.settle()

    expect(attempt.state).toBe("rejected")
    expect(transport.open).toEqual([])
  })

  it("takes a transport that throws for one that rejects", async () => {
    const host = new FakeHost()
    const throwing = {
      traits: new FakeTransport().traits,
      connect() {
        throw new Error("a wrong transport")
      },
    }
    const connector = new Connector(throwing, host, 100)

    await expect(connector.open()).rejects.toThrow("a wrong transport")
    expect([connector.connecting, host.timers]).toEqual([0, 0])
  })

  it("gives up everything at once when it is abandoned", async () => {
    const transport = new FakeTransport()
    transport.hang()
    const connector = new Connector(transport, transport.host, 100)
    const attempts = [connector.open(), connector.open()].map(watch)
    await transport.host.settle()

    connector.abandon(new PoolClosedError("closed by a test"))
    await transport.host.settle()

    for (const attempt of attempts) expect(attempt.error).toBeInstanceOf(PoolClosedError)
    expect([connector.connecting, transport.connecting, transport.host.timers]).toEqual([0, 0, 0])
  })
})

describe("a connect that hangs", () => {
  it("is given up after connectTimeoutMs and tried again within the command's deadline", async () => {
    const { redis, transport, host } = cold({ connectTimeoutMs: 100, commandTimeoutMs: 5_000 })
    const opens = record(redis, "open")
    transport.hang()
    const call = watch(redis.incr("n"))
    await host.advance(250)

    transport.accept()
    await host.advance(1_001)

    expect(call.value).toBe(1)
    expect(opens).toHaveLength(1)
    expect(transport.open).toHaveLength(1)
  })
})
