import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { type Connection, ConnectionError, ReplyError } from "@warmpool/core"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { Redis } from "ioredis"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { CERTIFICATE } from "./certificate.fixture.ts"
import { ask, request } from "./outcome.fixture.ts"
import type { IoredisOptions } from "./target.ts"
import { freePort, startTlsRedis, type TlsRedis } from "./tls-redis.fixture.ts"
import { ioredisTransport } from "./transport.ts"

const LEAVES = fileURLToPath(new URL("leaves.fixture.ts", import.meta.url))

let server: TlsRedis
let redis: RedisServer

beforeAll(async () => {
  server = await startTlsRedis()
  redis = server.redis
})

afterAll(() => server[Symbol.asyncDispose]())

function connect(
  target: string | IoredisOptions | Redis,
  signal = new AbortController().signal,
): Promise<Connection> {
  return ioredisTransport(target).connect({ signal })
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("nothing failed")
    },
    (error: unknown) => error,
  )

describe("ways to a server", () => {
  it.each<[string, () => string | IoredisOptions]>([
    ["a URL", () => redis.url],
    ["host and port", () => ({ host: redis.host, port: redis.port })],
    ["one family of IP", () => ({ host: "localhost", port: redis.port, family: 4 })],
    ["a Unix socket", () => ({ path: server.socketPath })],
    ["the URL of a Unix socket", () => `redis+unix://${server.socketPath}?database=2`],
    ["TLS", () => ({ url: `rediss://localhost:${server.tlsPort}`, tls: { ca: CERTIFICATE } })],
    [
      "TLS without its check",
      () => ({ host: "127.0.0.1", port: server.tlsPort, tls: { rejectUnauthorized: false } }),
    ],
  ])("goes by %s, and ends by close and by destroy", async (_name, target) => {
    for (const end of ["close", "destroy"] as const) {
      const connection = await connect(target())
      expect(await ask(connection, "ECHO", "x".repeat(200_000))).toEqual({ reply: "x".repeat(200_000) })

      if (end === "destroy") connection.destroy(new Error("evicted"))
      await connection.close()

      await vi.waitFor(async () => expect(await redis.clients()).toEqual([]))
    }
  })

  it("has the traits of a socket", () => {
    expect(ioredisTransport(redis.url).traits).toEqual({
      persistent: true,
      leases: true,
      maxRequests: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
    })
  })

  it("loses TLS that is cut, and nothing that is held was sent", async () => {
    await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: server.tlsPort } })
    const connection = await connect({
      host: "127.0.0.1",
      port: proxy.port,
      tls: { rejectUnauthorized: false },
    })
    proxy.stall()
    const large = Array.from({ length: 20 }, (_, n) =>
      ask(connection, "SET", `large ${n}`, "x".repeat(1_000_000)),
    )
    const behind = ask(connection, "INCR", "behind")

    connection.destroy(new Error("evicted"))
    proxy.resume()

    expect(await large[0]).toMatchObject({ fate: "unknown" })
    expect(await large.at(-1)).toMatchObject({ fate: "unsent" })
    expect(await behind).toMatchObject({ fate: "unsent" })
    await vi.waitFor(() => expect(proxy.counts.open).toBe(0))
    expect(await redis.command("EXISTS", "large 19", "behind")).toBe(0)
  })
})

describe("a client as a model", () => {
  it("is duplicated: its own connection is neither used nor closed", async () => {
    const model = new Redis(redis.port, redis.host, { connectionName: "model", db: 3, keepAlive: 0 })
    await model.ping()

    const connection = await connect(model)
    await ask(connection, "SET", "k", "v")

    expect(await redis.clients()).toHaveLength(2)
    expect(await model.get("k")).toBe("v")
    await connection.close()
    expect(await model.ping()).toBe("PONG")
    model.disconnect()
    await vi.waitFor(async () => expect(await redis.clients()).toEqual([]))
  })

  it("need not be connected", async () => {
    const model = new Redis(redis.port, redis.host, { lazyConnect: true })

    const connection = await connect(model)

    expect(await ask(connection, "PING")).toEqual({ reply: "PONG" })
    expect(model.status).toBe("wait")
    await connection.close()
  })
})

describe("an attempt that fails", () => {
  it("names the address and keeps the cause", async () => {
    const port = await freePort()

    const error = await failureOf(connect({ host: "127.0.0.1", port, password: "hunter2" }))

    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({
      message: `no connection to 127.0.0.1:${port}: ECONNREFUSED`,
      fate: "unsent",
      cause: { code: "ECONNREFUSED" },
    })
  })

  it.each<[string, () => IoredisOptions, RegExp]>([
    [
      "a name that does not resolve",
      () => ({ host: "nowhere.invalid" }),
      /^no connection to nowhere.invalid:6379: E/,
    ],
    ["a path that is none", () => ({ path: `${server.socketPath}.none` }), /none: ENOENT$/],
    [
      "a certificate that nobody signed",
      () => ({ url: `rediss://localhost:${server.tlsPort}` }),
      /: DEPTH_ZERO_SELF_SIGNED_CERT$/,
    ],
  ])("is a ConnectionError: %s", async (_name, target, message) => {
    const error = await failureOf(connect(target()))

    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toHaveProperty("message", expect.stringMatching(message))
    expect(error).toHaveProperty("cause", expect.any(Error))
  })

  it("is a refusal when the server has too many clients, before or behind the handshake", async () => {
    await using full = await startRedis({ args: ["--maxclients", "3"] })
    const open = [await connect(full.url), await connect(full.url)]
    for (const connection of open) await ask(connection, "PING")

    const guarded = await failureOf(connect({ url: full.url, name: "shop" }))
    const plain = await connect(full.url)
    const [[first, one], [second, other]] = [request(["INCR", "n"]), request(["INCR", "n"])]
    plain.send([first, second])

    const refusal = { message: "ERR max number of clients reached", fate: "refused" }
    expect(guarded).toBeInstanceOf(ReplyError)
    expect(guarded).toMatchObject(refusal)
    expect(await Promise.all([one, other])).toMatchObject([{ error: refusal }, { error: refusal }])
    for (const connection of [...open, plain]) connection.destroy(new Error("the test is over"))
  })

  it("rejects with the signal's reason and leaves nothing, whenever that aborts", async () => {
    await using proxy = await startFaultProxy({ target: redis })
    proxy.stall()
    const target = { host: proxy.host, port: proxy.port, name: "shop" }
    const reason = new Error("too slow")
    const afterTurns = async (turns: number) => {
      const abort = new AbortController()
      const failure = failureOf(connect(target, abort.signal))
      for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve))
      abort.abort(reason)
      return failure
    }

    for (const turns of [0, 1, 2, 3, 5, 8]) expect(await afterTurns(turns)).toBe(reason)
    expect(await failureOf(connect(target, AbortSignal.abort(reason)))).toBe(reason)

    // A proxy that stalls does not see that its clients have gone.
    proxy.resume()
    await vi.waitFor(() => expect(proxy.counts.open).toBe(0))
  })
})

it.each(["close", "refused", "aborted"])("lets the process exit by itself: %s", async (how) => {
  const run = promisify(execFile)
  const started = performance.now()

  const { stdout, stderr } = await run(process.execPath, [LEAVES, how, redis.url], { timeout: 15_000 })

  expect(stderr).toBe("")
  const { loadedMs, doneMs } = JSON.parse(stdout)
  // ioredis' own `disconnect` would hold the process for two seconds.
  expect(performance.now() - started).toBeLessThan(loadedMs + doneMs + 1_900)
})
