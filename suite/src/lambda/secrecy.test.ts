import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { deploy, type Invoked } from "./invoke.ts"

const PLANTED = /planted/
const COMMANDS = [
  ["NOPE", "planted-key", "planted-value"],
  ["LPUSH", "planted-string", "planted-value"],
  ["SET", "planted-key", "planted-value", "planted-option"],
  ["GET"],
]

/** Everything that somebody could read of a function: its answers and its log. */
function readable(invoked: readonly Invoked[], log: readonly string[]): string {
  return [...invoked.map(({ text }) => text), ...log].join("\n")
}

describe("passwords, keys and values", () => {
  it("show in no error and no log line of a function whose commands fail", async () => {
    await using server = await startRedis({ password: "planted-password" })
    await server.command("SET", "planted-string", "planted-value")
    await using deployed = await deploy("refused", { redisUrl: server.url, concurrency: 1 })

    const invoked: Invoked[] = []
    for (const command of COMMANDS) invoked.push(await deployed.invoke({ command }))
    await server.kill()
    invoked.push(await deployed.invoke({ command: COMMANDS[0] }))

    expect(invoked.map(({ functionError }) => functionError)).toEqual(Array(5).fill("Unhandled"))
    expect(readable(invoked, deployed.log)).toMatch(/unknown command[\s\S]*WRONGTYPE/)
    expect(readable(invoked, deployed.log)).not.toMatch(PLANTED)
  })

  it("show in no error and no log line of a function that can't log in or gets no answer", async () => {
    await using server = await startRedis({ password: "right" })
    await using proxy = await startFaultProxy({ target: server })
    const url = (password: string) => `redis://planted-user:${password}@127.0.0.1:${proxy.port}`
    const options = { concurrency: 1, redis: { commandTimeoutMs: 200 } }
    await using locked = await deploy("visit", { ...options, redisUrl: url("planted-password") })
    const invoked = [await locked.invoke()]
    proxy.silence({ newConnections: "silent" })
    invoked.push(await locked.invoke())
    proxy.refuse()
    await using stranded = await deploy("visit", { ...options, redisUrl: url("planted-password") })
    await using malformed = await deploy("visit", { redisUrl: url("planted/password") })
    invoked.push(await stranded.invoke(), await malformed.invoke())

    expect(invoked.map(({ functionError }) => functionError)).toEqual(Array(4).fill("Unhandled"))
    expect(readable(invoked, [...locked.log, ...stranded.log, ...malformed.log])).not.toMatch(PLANTED)
  })
})
