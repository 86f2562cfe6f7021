import { inspect } from "node:util"
import { type Connection, ReplyError } from "@warmpool/core"
import { type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { ask } from "./outcome.fixture.ts"
import type { IoredisOptions } from "./target.ts"
import { ioredisTransport } from "./transport.ts"

let open: RedisServer
let guarded: RedisServer
const connections: Connection[] = []

beforeAll(async () => {
  open = await startRedis()
  guarded = await startRedis({ password: "right" })
  await guarded.command("ACL", "SETUSER", "app", "on", ">apppass", "~*", "+@all")
  await guarded.command("ACL", "SETUSER", "guest", "on", "nopass", "~*", "+@all")
  await guarded.command("ACL", "SETUSER", "mute", "on", ">mutepass", "~*", "+@all", "-client")
})

afterEach(() => {
  for (const connection of connections.splice(0)) connection.destroy(new Error("the test is over"))
})

afterAll(async () => {
  await open.close()
  await guarded.close()
})

async function connect(server: RedisServer, options: IoredisOptions = {}): Promise<Connection> {
  const { host, port } = server
  const connection = await ioredisTransport({ host, port, ...options }).connect({
    signal: new AbortController().signal,
  })
  connections.push(connection)
  return connection
}

describe("what is accepted", () => {
  it("says nothing when there is nothing to say", async () => {
    await using proxy = await startFaultProxy({ target: open })
    const connection = await connect(open, { port: proxy.port })

    expect(await ask(connection, "PING")).toEqual({ reply: "PONG" })

    expect(proxy.counts.commands).toBe(1)
  })

  it.each<[IoredisOptions, string]>([
    [{ password: "right" }, "default"],
    [{ username: "app", password: "apppass" }, "app"],
    [{ username: "guest" }, "guest"],
  ])("speaks as the user of %o", async (options, user) => {
    const connection = await connect(guarded, options)

    expect(await ask(connection, "ACL", "WHOAMI")).toEqual({ reply: user })
  })

  it("selects the database and sets the name before anything else", async () => {
    const connection = await connect(guarded, { password: "right", database: 7, name: "shop" })

    expect(await ask(connection, "CLIENT", "INFO")).toMatchObject({
      reply: expect.stringMatching(/ name=shop .* db=7 /),
    })
  })

  it("says everything in one write", async () => {
    await using proxy = await startFaultProxy({ target: guarded })
    proxy.delay({ replies: 20 })

    await connect(guarded, { port: proxy.port, password: "right", database: 1, name: "shop" })

    expect(proxy.counts.commands).toBe(3)
  })
})

describe("what is refused", () => {
  const refusal = async (server: RedisServer, options: IoredisOptions) =>
    connect(server, options).then(
      () => {
        throw new Error("nothing was refused")
      },
      (error: unknown) => error,
    )

  it.each<["open" | "guarded", IoredisOptions, string]>([
    ["open", { database: 99 }, "ERR DB index is out of range"],
    ["guarded", { password: "wrong" }, "WRONGPASS invalid username-password pair or user is disabled."],
    [
      "guarded",
      { username: "nobody", password: "right" },
      "WRONGPASS invalid username-password pair or user is disabled.",
    ],
    ["guarded", { username: "app" }, "WRONGPASS invalid username-password pair or user is disabled."],
    ["guarded", { database: 1 }, "NOAUTH Authentication required."],
    [
      "guarded",
      { password: "right", name: "two words" },
      "ERR Client names cannot contain spaces, newlines or special characters.",
    ],
    ["guarded", { username: "mute", password: "mutepass", name: "shop" }, "NOPERM"],
  ])("rejects in the server's words: %s, %o", async (which, options, words) => {
    const error = await refusal(which === "open" ? open : guarded, options)

    expect(error).toBeInstanceOf(ReplyError)
    expect(error).toHaveProperty("message", expect.stringContaining(words))
  })

  it("rejects a password that the server does not ask for, and prints nothing", async () => {
    const printed = [vi.spyOn(console, "warn"), vi.spyOn(console, "error"), vi.spyOn(console, "log")]

    const error = await refusal(open, { password: "hunter2" })

    expect(error).toBeInstanceOf(ReplyError)
    expect(error).toHaveProperty("message", expect.stringContaining("without any password configured"))
    for (const print of printed) expect(print).not.toHaveBeenCalled()
  })

  it("shows no password", async () => {
    const errors = [
      await refusal(guarded, { password: "hunter2" }),
      await refusal(open, { password: "hunter2" }),
    ]

    expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain("hunter2")
  })

  it("leaves no connection and nothing written behind", async () => {
    await refusal(open, { database: 99 })

    await vi.waitFor(async () => expect(await open.clients()).toEqual([]))
    expect(await open.command("DBSIZE")).toBe(0)
  })
})
