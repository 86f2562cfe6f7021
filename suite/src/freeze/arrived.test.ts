import { setTimeout as sleep } from "node:timers/promises"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { FrozenProcess } from "./frozen-process.ts"

const FREEZE_MS = 2_000
const sizes = [10, 1_000_000, 5_000_000]

describe.each(transports)("a reply that arrives during a freeze, over $name", ({ name: client }) => {
  it.concurrent.each(sizes)("is delivered, not called late: %i bytes", async (size) => {
    await using server = await startRedis()
    await using proxy = await startFaultProxy({ target: server })
    await server.command("SET", "value", "x".repeat(size))
    const options = { commandTimeoutMs: 1_000 }
    await using frozen = await FrozenProcess.start({ client, url: proxy.url(server.url), options })
    await frozen.call("PING").outcome

    proxy.stall()
    const get = frozen.call("GET", ["value"])
    await get.written
    await frozen.freeze()
    proxy.resume()
    await sleep(FREEZE_MS)
    frozen.thaw()

    const { error, reply } = await get.outcome
    expect(error).toBeUndefined()
    expect(size > 100 ? reply : String(reply).length).toBe(size)
    expect(await frozen.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })

  it("is waited for while its command still has time, and nothing is lost", async () => {
    await using server = await startRedis()
    await using proxy = await startFaultProxy({ target: server })
    const options = { commandTimeoutMs: 1_000 }
    await using frozen = await FrozenProcess.start({ client, url: proxy.url(server.url), options })
    await frozen.call("PING").outcome

    proxy.delay({ replies: 50 })
    const short = frozen.call("GET", ["value"], 5)
    const write = frozen.call("INCR", ["counter"])

    expect((await short.outcome).error).toMatchObject({ name: "TimeoutError" })
    expect((await write.outcome).reply).toBe(1)
    expect(await frozen.stats()).toMatchObject({ opened: 1, evicted: 0 })
  })
})
