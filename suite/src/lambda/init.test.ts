import { type FaultProxy, startFaultProxy, startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { deploy } from "./invoke.ts"

const HANDSHAKE = new URL("./handshake.fixture.ts", import.meta.url).pathname

const endings: readonly [name: string, end: (proxy: FaultProxy) => void | Promise<void>][] = [
  ["is answered meanwhile", () => {}],
  ["is closed meanwhile", (proxy) => proxy.cut()],
  ["is reset meanwhile", (proxy) => proxy.reset()],
  ["goes silent meanwhile", (proxy) => proxy.silence()],
]

describe("a sandbox frozen right after its init, in the middle of a handshake", () => {
  it.concurrent.each(endings)("serves its first invocation when the handshake %s", async (_name, end) => {
    await using server = await startRedis({ password: "right" })
    await using proxy = await startFaultProxy({ target: server })
    proxy.stall()
    const options = { redisUrl: proxy.url(), concurrency: 1, timeoutMs: 5_000 }
    await using deployed = await deploy(HANDSHAKE, options)

    await deployed.lambda.prewarm(1)
    const states = deployed.lambda.sandboxes().map(({ state }) => state)
    await proxy.until(({ connections }) => connections >= 1)
    await end(proxy)
    proxy.resume()
    const { functionError, answer } = await deployed.invoke()

    expect(states).toEqual(["frozen"])
    expect([functionError, answer["visits"]]).toEqual([undefined, 1])
    expect(await server.command("GET", "visits")).toBe("1")
  })

  it("serves its first invocation when that comes long after", async () => {
    await using server = await startRedis()
    await using deployed = await deploy("visit", {
      redisUrl: server.url,
      redis: { validateAfterMs: 50 },
      freeze: { afterInitMs: 200 },
    })

    expect(await deployed.invoke()).toMatchObject({ functionError: undefined, answer: { visits: 1 } })
  })
})
