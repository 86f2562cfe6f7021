import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigError } from "@warmpool/core"
import { describeTransport } from "@warmpool/core/testing"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { ask } from "./ask.fixture.ts"
import { startFront } from "./front.fixture.ts"
import { type NodeSocketOptions, socketTransport } from "./node.ts"

const never = new AbortController().signal

describe("a wrong option", () => {
  const credentials = async () => ({ password: "planted-secret" })

  it.each<[object, string]>([
    [{}, "there is no server: give url, host or path"],
    [{ url: "redis://localhost", hots: "x" }, "unknown option hots: did you mean host?"],
    [{ url: "redis://localhost", host: "x" }, "url and host contradict: keep one"],
    [{ url: "http://localhost" }, "the URL does not begin with redis:"],
    [{ host: "x", port: 0 }, "port takes a whole number from 1 to 65535"],
    [{ host: "x", username: "app" }, "there is a username and no password: give both"],
    [{ host: "x", password: "planted-secret", credentials }, "credentials and password contradict: keep one"],
    [{ url: "redis://app:planted-secret@x", credentials }, "credentials and password contradict: keep one"],
    [{ host: "x", credentials: "planted-secret" }, "credentials takes a function"],
    [{ host: "x", name: "my name" }, "name has a character that no server takes: use ASCII without spaces"],
    [{ host: "x", tls: { cca: "" } }, "tls: unknown option cca: did you mean ca?"],
    [{ host: "x", tls: { ca: 1 } }, "tls: ca takes PEM as a string or bytes, or an array of them"],
    [{ host: "x", tls: { ca: ["a", 1] } }, "tls: ca takes PEM as a string or bytes, or an array of them"],
    [{ host: "x", tls: { minVersion: "TLSv1" } }, 'tls: minVersion takes "TLSv1.2" or "TLSv1.3"'],
    [{ url: "redis://x", tls: { ca: "" } }, "url and tls contradict"],
  ])("%# is refused at once, naming it", (options, words) => {
    const open = () => socketTransport(options as NodeSocketOptions)

    expect(open).toThrow(ConfigError)
    expect(open).toThrow(`socketTransport: ${words}`)
    expect(open).not.toThrow("planted-secret")
  })
})

describe("nobody there", () => {
  it("is told with the address", async () => {
    const transport = socketTransport({ host: "localhost", port: 1 })

    const failed = await transport.connect({ signal: never }).catch((error) => error)

    expect(failed).toMatchObject({
      name: "ConnectionError",
      message: "no connection to localhost:1: ECONNREFUSED",
      fate: "unsent",
      cause: { code: "ECONNREFUSED" },
    })
  })

  it("is told with the path of a Unix socket", async () => {
    const transport = socketTransport({ path: "/no/such.sock" })

    await expect(transport.connect({ signal: never })).rejects.toThrow(
      "no connection to /no/such.sock: ENOENT",
    )
  })

  it("is told for a host without an address", async () => {
    const transport = socketTransport({ host: "no-such-host.invalid" })

    await expect(transport.connect({ signal: never })).rejects.toMatchObject({ name: "ConnectionError" })
  })
})

describe("a host with several addresses", () => {
  it("is reached at the one that listens", async () => {
    const redis = await startRedis()
    const connection = await socketTransport({ host: "localhost", port: redis.port }).connect({
      signal: never,
    })

    expect(await ask(connection, "ECHO", "x".repeat(100_000))).toHaveLength(100_000)
    await connection.close()
    await redis.close()
  })
})

describe("a Unix socket", () => {
  it("of a redis-server answers", async () => {
    const folder = await mkdtemp(join(tmpdir(), "warmpool-unix-"))
    const path = join(folder, "redis.sock")
    const redis = await startRedis({ args: ["--unixsocket", path] })
    const transport = socketTransport({ url: `redis+unix://${path}?database=2` })

    const connection = await transport.connect({ signal: never })

    expect(await ask(connection, "CLIENT", "INFO")).toMatch(new RegExp(`addr=${path}:0 .* db=2 `))
    await connection.close()
    await redis.close()
    await rm(folder, { recursive: true })
  })
})

describeTransport("socketTransport over a Unix socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "warmpool-unix-"))
  const path = join(folder, "front.sock")
  const redis = await startRedis({ password: "right" })
  const faults = await startFaultProxy({ target: redis })
  const front = await startFront({ target: faults, path })
  const secret = "planted-wrong-password"
  return {
    faults,
    rawIsExact: true,
    open: () => socketTransport({ path, password: "right" }),
    openRefused: () => ({ transport: socketTransport({ path, password: secret }), secret }),
    command: (...args) => redis.command(...args),
    async close() {
      await front.close()
      await faults.close()
      await redis.close()
      await rm(folder, { recursive: true })
    },
  }
})
