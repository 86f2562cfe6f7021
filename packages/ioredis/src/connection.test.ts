import { Socket } from "node:net"
import { type Connection, ConnectionError, ReplyError } from "@warmpool/core"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { ask, request, transaction } from "./outcome.fixture.ts"
import type { IoredisOptions } from "./target.ts"
import { startTlsRedis } from "./tls-redis.fixture.ts"
import { ioredisTransport } from "./transport.ts"

const decoder = new TextDecoder()
let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(() => redis.close())

function connect(target: string | IoredisOptions = redis.url): Promise<Connection> {
  return ioredisTransport(target).connect({ signal: new AbortController().signal })
}

it("writes a batch once, however many requests it has", async () => {
  const connection = await connect()
  const asked = Array.from({ length: 100 }, () => request(["PING"]))
  const write = vi.spyOn(Socket.prototype, "write")

  connection.send([...asked.map(([one]) => one), transaction([["PING"], ["PING"]])[0]])

  expect(write).toHaveBeenCalledTimes(1)
  expect(await Promise.all(asked.map(([, outcome]) => outcome))).toEqual(asked.map(() => ({ reply: "PONG" })))
  connection.destroy(new Error("the test is over"))
})

it("tells over TLS too when the kernel has taken everything", async () => {
  await using server = await startTlsRedis()
  const connection = await connect({
    host: "127.0.0.1",
    port: server.tlsPort,
    tls: { rejectUnauthorized: false },
  })
  const taken = new Promise<number>((resolve) => connection.onWritable(() => resolve(connection.backlog)))

  const outcome = ask(connection, "PING")

  expect(connection.backlog).toBeGreaterThan(0)
  expect(await taken).toBe(0)
  expect(await outcome).toEqual({ reply: "PONG" })
  await connection.close()
})

it("knows a write that failed at once as unsent", async () => {
  await using doomed = await startRedis()
  const connection = await connect(doomed.url)
  await ask(connection, "PING")
  await doomed.pause()
  const written = ask(connection, "INCR", "n")
  // The server ends with our command unread, so that its kernel resets the connection while this process is busy.
  process.kill(doomed.pid, "SIGKILL")
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)

  const behind = ask(connection, "INCR", "n")

  expect(await written).toMatchObject({ fate: "unknown" })
  expect(await behind).toMatchObject({ fate: "unsent", cause: expect.any(ConnectionError) })
})

it("counts the bytes it holds", async () => {
  await using proxy = await startFaultProxy({ target: redis })
  const connection = await connect(proxy.url())
  proxy.stall()
  const large = Array.from({ length: 40 }, () => request(["SET", "large", "x".repeat(1_000_000)]))

  connection.send(large.map(([asked]) => asked))

  expect(connection.owed).toBe(40)
  expect(connection.backlog).toBeGreaterThan(30_000_000)
  expect(connection.backlog).toBeLessThan(40 * 1_000_100)
  connection.destroy(new Error("the test is over"))
  expect(connection.backlog).toBe(0)
})

it("gives a transaction's replies raw, one by one", async () => {
  const connection = await connect()
  await ask(connection, "SET", "t", "text")
  const [asked, outcome] = transaction(
    [
      ["SET", "k", "v"],
      ["INCR", "t"],
      ["GET", "none"],
      ["CONFIG", "GET", "port"],
    ],
    "raw",
  )

  connection.send([asked])

  const settled = await outcome
  const replies = "reply" in settled && Array.isArray(settled.reply) ? settled.reply : []
  expect(replies.map((reply) => decoder.decode(reply))).toEqual([
    "+OK\r\n",
    "-ERR value is not an integer or out of range\r\n",
    "$-1\r\n",
    `*2\r\n$4\r\nport\r\n$${`${redis.port}`.length}\r\n${redis.port}\r\n`,
  ])
  connection.destroy(new Error("the test is over"))
})

it("says that a transaction may have run when only its MULTI was refused", async () => {
  await redis.command("ACL", "SETUSER", "nomulti", "on", ">pass", "~*", "+@all", "-multi")
  const connection = await connect({ url: redis.url, username: "nomulti", password: "pass" })
  const [asked, outcome] = transaction([["SET", "alone", "v"]])

  connection.send([asked])

  expect(await outcome).toMatchObject({ fate: "unknown", cause: expect.any(ReplyError) })
  expect(await redis.command("GET", "alone")).toBe("v")
  connection.destroy(new Error("the test is over"))
})

it("says that a transaction may be sent again when all that was refused may be", async () => {
  await using replica = await startRedis()
  await replica.command("REPLICAOF", "127.0.0.1", "1")
  const connection = await connect(replica.url)
  const [asked, outcome] = transaction([
    ["SET", "k", "v"],
    ["GET", "k"],
  ])

  connection.send([asked])

  expect(await outcome).toMatchObject({
    error: { kind: "EXECABORT", fate: "refused", previousErrors: [{ kind: "READONLY" }] },
  })
  connection.destroy(new Error("the test is over"))
})

it("ends when the server breaks the protocol", async () => {
  const connection = await connect()
  const ended = new Promise<Error>((resolve) => connection.onClose(resolve))

  const subscribed = ask(connection, "SUBSCRIBE", "channel")
  await subscribed
  await redis.command("PUBLISH", "channel", "planted-value")

  const reason = await ended
  expect(reason).toBeInstanceOf(ConnectionError)
  expect(reason.message).not.toContain("planted-value")
})
