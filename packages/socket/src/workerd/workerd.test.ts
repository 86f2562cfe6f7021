import { ConfigError } from "@warmpool/core"
import { describeTransport } from "@warmpool/core/testing"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { ask } from "../ask.fixture.ts"
import { startScripted } from "../scripted-server.fixture.ts"
import { makeWorkerTransport, type WorkerSocketOptions } from "./make-transport.ts"
import { type Dialled, nodeConnect } from "./node-connect.fixture.ts"

const never = new AbortController().signal

describe("the transport of workerd", () => {
  it.each<[object, object, string]>([
    [{ url: "redis://localhost:7000" }, { hostname: "localhost", port: 7000 }, "off"],
    [{ url: "rediss://redis.test" }, { hostname: "redis.test", port: 6379 }, "on"],
    [{ host: "::1" }, { hostname: "[::1]", port: 6379 }, "off"],
  ])("dials as %o says", async (options, address, secureTransport) => {
    const dialled: Dialled[] = []
    const connect = (...asked: Parameters<ReturnType<typeof nodeConnect>>) => {
      dialled.push({ address: asked[0], options: asked[1] })
      return nodeConnect()({ hostname: "127.0.0.1", port: 1 }, asked[1])
    }

    const connecting = makeWorkerTransport(options, connect).connect({ signal: never })

    await expect(connecting).rejects.toThrow(/^no connection to .*: proxy request failed/)
    expect(dialled).toEqual([{ address, options: { secureTransport, allowHalfOpen: false } }])
  })

  it("dials through the binding it is given", async () => {
    await using server = await startScripted(() => "+PONG\r\n")
    const dialled: Dialled[] = []
    const binding = nodeConnect(dialled)
    const options = { host: "127.0.0.1", port: server.port, connect: binding }

    const transport = makeWorkerTransport(options, () => expect.fail("there is a binding"))
    const connection = await transport.connect({ signal: never })

    expect(await ask(connection, "PING")).toBe("PONG")
    expect(dialled).toHaveLength(1)
    connection.destroy(new Error("the test is over"))
  })

  it("fails with a ConnectionError when the runtime takes no such address", async () => {
    const transport = makeWorkerTransport({ host: "x" }, () => {
      throw new TypeError("Specified address could not be parsed.")
    })

    await expect(transport.connect({ signal: never })).rejects.toMatchObject({
      name: "ConnectionError",
      message: "no connection to x:6379: Specified address could not be parsed.",
    })
  })

  it.each<[object, string]>([
    [{ url: "redis+unix:///run/redis.sock" }, "workerd has no Unix sockets"],
    [{ host: "x", tls: { ca: "planted" } }, "workerd takes no certificates: tls is true or false here"],
    [{ host: "x", connect: "cloudflare" }, "connect takes a function"],
    [{ host: "x", conect: () => {} }, "unknown option conect: did you mean connect?"],
  ])("refuses %o", (options, words) => {
    const open = () => makeWorkerTransport(options as WorkerSocketOptions, nodeConnect())

    expect(open).toThrow(ConfigError)
    expect(open).toThrow(`socketTransport: ${words}`)
  })
})

describeTransport("socketTransport over the streams of workerd", async () => {
  const redis = await startRedis({ password: "right" })
  const faults = await startFaultProxy({ target: redis })
  const secret = "planted-wrong-password"
  return {
    faults,
    rawIsExact: true,
    open: () => makeWorkerTransport({ url: faults.url() }, nodeConnect()),
    openRefused: () => ({
      transport: makeWorkerTransport({ url: faults.url(`redis://:${secret}@host`) }, nodeConnect()),
      secret,
    }),
    command: (...args) => redis.command(...args),
    async close() {
      await faults.close()
      await redis.close()
    },
  }
})
