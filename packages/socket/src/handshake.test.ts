import { type ConnectionError, ReplyError } from "@warmpool/core"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { Asked, ask } from "./ask.fixture.ts"
import { socketTransport } from "./node.ts"
import { startScripted, wire } from "./scripted-server.fixture.ts"

const never = new AbortController().signal

describe("the first write", () => {
  it.each<[string, object, readonly string[]]>([
    ["is nothing where there is nothing to say", {}, []],
    ["signs in with a password", { password: "secret" }, [wire("AUTH", "secret")]],
    ["signs in with a name and a password", { username: "app", password: "s" }, [wire("AUTH", "app", "s")]],
    ["selects a database", { database: 3 }, [wire("SELECT", "3")]],
    ["never selects database 0", { database: 0, name: "me" }, [wire("CLIENT", "SETNAME", "me")]],
    [
      "holds all of it, in order",
      { username: "app", password: "s", database: 3, name: "me" },
      [wire("AUTH", "app", "s"), wire("SELECT", "3"), wire("CLIENT", "SETNAME", "me")],
    ],
  ])("%s", async (_name, options, steps) => {
    await using server = await startScripted(() => "+OK\r\n".repeat(Math.max(1, steps.length)))
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, ...options })

    const connection = await transport.connect({ signal: never })
    const piece = steps.length > 0 ? await server.firstPiece() : ""

    expect(piece).toBe(steps.join(""))
    connection.destroy(new Error("the test is over"))
  })

  it("has the reads that ride with it", async () => {
    await using server = await startScripted(() => "+OK\r\n+OK\r\n$1\r\nv\r\n")
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, password: "p", database: 1 })
    const read = new Asked(["GET", "k"])

    const connection = await transport.connect({ signal: never, ride: () => [read] })

    expect(await read.settled).toEqual({ reply: "v" })
    expect(server.heard).toEqual([[wire("AUTH", "p") + wire("SELECT", "1") + wire("GET", "k")]])
    connection.destroy(new Error("the test is over"))
  })

  it("is not waited for where the server can't refuse it", async () => {
    await using server = await startScripted()
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, name: "me" })

    const connection = await transport.connect({ signal: never })

    expect(connection.owed).toBe(1)
    connection.destroy(new Error("the test is over"))
  })
})

describe("a handshake", () => {
  it("holds everything back until the server has agreed", async () => {
    await using server = await startScripted()
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, database: 1 })
    let stands = false
    const connecting = transport.connect({ signal: never }).then((connection) => {
      stands = true
      return connection
    })

    await server.firstPiece()
    expect(stands).toBe(false)
    server.say("+OK\r\n")

    const connection = await connecting
    expect(connection.owed).toBe(0)
    connection.destroy(new Error("the test is over"))
  })

  it("is fine with a server that takes no names", async () => {
    await using server = await startScripted((piece) =>
      piece.includes("SETNAME") ? "-NOPERM no permissions\r\n" : "+PONG\r\n",
    )
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, name: "me" })

    const connection = await transport.connect({ signal: never })
    await server.firstPiece()

    expect(await ask(connection, "PING")).toBe("PONG")
    connection.destroy(new Error("the test is over"))
  })

  it("is lost with the connection", async () => {
    await using server = await startScripted((_piece, socket) => {
      socket.destroy()
      return undefined
    })
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, password: "p" })

    const failed: ConnectionError = await transport.connect({ signal: never }).then(
      () => expect.fail("there was no handshake"),
      (error) => error,
    )

    expect(failed.name).toBe("ConnectionError")
  })

  it("ends with its signal, and the socket with it", async () => {
    await using server = await startScripted()
    const transport = socketTransport({ host: "127.0.0.1", port: server.port, password: "p" })
    const giveUp = new AbortController()
    const connecting = transport.connect({ signal: giveUp.signal })
    await server.firstPiece()

    giveUp.abort(new Error("too slow"))

    await expect(connecting).rejects.toMatchObject({
      name: "ConnectionError",
      cause: { message: "too slow" },
    })
  })
})

describe("a refused handshake", () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis({ password: "right" })
  })
  afterAll(() => redis.close())
  beforeEach(() => redis.command("FLUSHALL"))

  it.each<[string, object, RegExp]>([
    ["a wrong password", { password: "planted-wrong" }, /^WRONGPASS /],
    ["an unknown user", { username: "nobody", password: "planted-wrong" }, /^WRONGPASS /],
    ["a database out of range", { password: "right", database: 99 }, /^ERR .*range/],
    ["a password that is missing", { database: 1 }, /^NOAUTH /],
  ])("for %s fails with the server's words", async (_name, options, words) => {
    const transport = socketTransport({ host: redis.host, port: redis.port, ...options })

    const failed = await transport.connect({ signal: never }).catch((error) => error)

    expect(failed).toBeInstanceOf(ReplyError)
    expect(failed.message).toMatch(words)
    expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toContain("planted-wrong")
  })

  it("loses the reads that rode with it, and delivers no reply of theirs", async () => {
    await redis.command("SET", "k", "in zero")
    const transport = socketTransport({ host: redis.host, port: redis.port, password: "right", database: 99 })
    const read = new Asked(["GET", "k"])

    const failed = await transport.connect({ signal: never, ride: () => [read] }).catch((error) => error)

    expect(await read.settled).toMatchObject({ fate: "unknown", cause: failed })
    expect(read.outcomes).toHaveLength(1)
  })
})

describe("a server at its limit", () => {
  it("is heard although nothing was asked", async () => {
    const redis = await startRedis({ args: ["--maxclients", "2"] })
    await redis.command("PING")
    const transport = socketTransport({ host: redis.host, port: redis.port })
    const first = await transport.connect({ signal: never })
    await ask(first, "PING")

    const second = await transport.connect({ signal: never })
    const reason = await new Promise<Error>((resolve) => second.onClose(resolve))

    expect(reason).toMatchObject({
      name: "ConnectionError",
      message: "the server refused the connection: ERR max number of clients reached",
      cause: { name: "ReplyError", fate: "refused" },
    })
    first.destroy(new Error("the test is over"))
    await redis.close()
  })
})
