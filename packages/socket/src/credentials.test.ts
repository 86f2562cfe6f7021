import { type Connection, ReplyError } from "@warmpool/core"
import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask } from "./ask.fixture.ts"
import { type AskCredentials, socketTransport } from "./node.ts"

const never = new AbortController().signal

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis({ password: "right" })
  await redis.command("ACL", "SETUSER", "app", "on", ">of the app", "+@all", "~*")
})
afterAll(() => redis.close())

const open = (credentials: AskCredentials) =>
  socketTransport({ host: redis.host, port: redis.port, credentials })

/** Answers that are given when the test says so. */
function slowly(...passwords: string[]) {
  const waiting: (() => void)[] = []
  const credentials = () => {
    const password = passwords.shift() ?? "none left"
    return new Promise<{ password: string }>((resolve) => waiting.push(() => resolve({ password })))
  }
  return { credentials, asked: () => waiting.length, answer: () => waiting.at(-1)?.() }
}

const closeAll = (connections: readonly Connection[]) =>
  Promise.all(connections.map((connection) => connection.close()))

describe("credentials", () => {
  it("are asked for with each connection", async () => {
    let asked = 0
    const transport = open(async () => {
      asked += 1
      return asked === 1 ? { password: "right" } : { username: "app", password: "of the app" }
    })

    const first = await transport.connect({ signal: never })
    const second = await transport.connect({ signal: never })

    expect(await ask(first, "ACL", "WHOAMI")).toBe("default")
    expect(await ask(second, "ACL", "WHOAMI")).toBe("app")
    await closeAll([first, second])
  })

  it("are asked for once by connections that open at the same time", async () => {
    const { credentials, asked, answer } = slowly("right")
    const transport = open(credentials)

    const connecting = [1, 2, 3].map(() => transport.connect({ signal: never }))
    expect(asked()).toBe(1)
    answer()

    await closeAll(await Promise.all(connecting))
    expect(asked()).toBe(1)
  })

  it("are not used again once they were refused", async () => {
    let asked = 0
    const transport = open(async () => {
      asked += 1
      return { password: asked === 1 ? "planted-expired" : "right" }
    })

    const refused = await transport.connect({ signal: never }).catch((error) => error)
    const connection = await transport.connect({ signal: never })

    expect(refused).toBeInstanceOf(ReplyError)
    expect(refused.message).toMatch(/^WRONGPASS/)
    expect(await ask(connection, "PING")).toBe("PONG")
    await connection.close()
  })

  it("fail the connection where there are none, and are asked for again by the next", async () => {
    let asked = 0
    const transport = open(async () => {
      asked += 1
      if (asked === 1) throw new Error("no network")
      return { password: "right" }
    })

    const failed = await transport.connect({ signal: never }).catch((error) => error)
    const connection = await transport.connect({ signal: never })

    expect(failed).toMatchObject({
      name: "ConnectionError",
      fate: "unsent",
      cause: { message: "no network" },
    })
    await connection.close()
  })

  it("that are none fail the connection", async () => {
    const transport = open((async () => ({})) as unknown as AskCredentials)

    await expect(transport.connect({ signal: never })).rejects.toThrow("credentials() gave no credentials")
  })

  it("are not waited for once the signal aborts", async () => {
    const { credentials, answer } = slowly("right", "right")
    const transport = open(credentials)
    const giveUp = new AbortController()
    const connecting = transport.connect({ signal: giveUp.signal })
    const patient = transport.connect({ signal: never })

    giveUp.abort(new Error("too slow"))
    await expect(connecting).rejects.toMatchObject({ cause: { message: "too slow" } })
    answer()

    await (await patient).close()
  })
})
