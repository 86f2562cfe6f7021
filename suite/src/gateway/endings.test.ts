import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { startAll, TOKEN } from "./rig.ts"

const BEARER = { authorization: `Bearer ${TOKEN}` }

describe("a client that goes away", () => {
  it("ends the blocking command that it waited for, and nothing is popped for nobody", async () => {
    await using rig = await startAll({ tokens: [{ token: TOKEN, commands: ["*", "blpop"] }] })
    const abort = new AbortController()
    const waiting = rig.send("/blpop/list/0", { signal: abort.signal })
    const blocked = async () => (await rig.server.clients()).filter(({ cmd }) => cmd === "blpop").length
    await expect.poll(blocked).toBe(1)

    abort.abort()
    await expect(waiting).rejects.toThrow()

    await expect.poll(blocked).toBe(0)
    await rig.post("/", ["RPUSH", "list", "kept"])
    expect((await rig.post("/", ["LLEN", "list"])).json).toEqual({ result: 1 })
  })
})

it.each(["GET /blpop/list/0", "POST /subscribe/c"])(
  "a client that goes away is noticed behind a body that %s does not take",
  async (line) => {
    await using rig = await startAll({ tokens: [{ token: TOKEN, commands: ["*", "blpop"] }] })
    const socket = connect({ host: "127.0.0.1", port: rig.gateway.port })
    const head = `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 3000000\r\n\r\n`
    socket.on("error", () => undefined)
    socket.write(head + "x".repeat(2_000_000))
    const waiting = async () =>
      (await rig.server.clients()).filter(({ cmd }) => cmd === "blpop" || cmd === "subscribe").length
    const channels = () => rig.server.command("PUBSUB", "CHANNELS")
    await expect.poll(waiting).toBe(1)

    socket.destroy()

    await expect.poll(async () => [...((await channels()) as unknown[]), await waiting()]).toEqual([0])
  },
)

describe("a drain", () => {
  it("ends although a blocking command waits for ever", async () => {
    const rig = await startAll({ drainTimeoutMs: 200, tokens: [{ token: TOKEN, commands: ["*", "blpop"] }] })
    const waiting = rig.send("/blpop/list/0").catch((error: unknown) => error)
    await expect
      .poll(async () => (await rig.server.clients()).filter(({ cmd }) => cmd === "blpop").length)
      .toBe(1)

    await rig.gateway.drain()

    expect(await waiting).toBeInstanceOf(Error)
    await rig[Symbol.asyncDispose]()
  })

  it.each(["/subscribe/c", "/psubscribe/c*", "/monitor"])(
    "ends although the server never confirms %s",
    async (path) => {
      const rig = await startAll({ drainTimeoutMs: 200 })
      await rig.send("/ping")
      await rig.redis.use((lease) => lease.ping())
      await rig.server.pause()
      const asked = rig.send(path).then(
        ({ status }) => status,
        () => "hung up",
      )
      await expect.poll(() => rig.redis.stats().leased + rig.redis.stats().connecting).toBeGreaterThan(0)

      await rig.gateway.drain()

      expect([503, "hung up"]).toContain(await asked)
      rig.server.resume()
      await rig[Symbol.asyncDispose]()
    },
  )
})

describe("an event stream", () => {
  it("that is asked for with HEAD is not opened", async () => {
    await using rig = await startAll({ head: true })

    const { status } = await rig.send("/subscribe/c", { method: "HEAD" })

    expect(status).toBe(405)
    expect(await rig.server.command("PUBSUB", "CHANNELS")).toEqual([])
  })

  it("that the server does not confirm is answered with 503", async () => {
    await using rig = await startAll()
    await rig.redis.use((lease) => lease.ping())
    await rig.server.pause()

    const { status, headers, json } = await rig.send("/subscribe/c")

    rig.server.resume()
    expect([status, headers.get("warmpool-not-run")]).toEqual([503, "1"])
    expect(json).toEqual({ error: expect.stringContaining("did not confirm") })
  })

  it("on which nothing happens is not taken for a slow client", async () => {
    await using rig = await startAll({ responseTimeoutMs: 100 })
    const stream = await fetch(`${rig.gateway.url}/subscribe/c`, { headers: BEARER })
    const first = stream.body?.getReader()
    await first?.read()
    await sleep(400)

    await rig.server.command("PUBLISH", "c", "late")

    const { value } = (await first?.read()) ?? {}
    expect(new TextDecoder().decode(value)).toBe("data: message,c,late\n\n")
    await first?.cancel()
  })

  it("ends when its token may no longer listen to it", async () => {
    await using rig = await startAll()
    const stream = await fetch(`${rig.gateway.url}/subscribe/private`, { headers: BEARER })

    await rig.gateway.replaceTokens([{ token: TOKEN, prefix: "public:" }])

    expect(await stream.text()).toBe("data: subscribe,private,1\n\n")
  })

  it("goes on when other tokens change", async () => {
    await using rig = await startAll()
    const stream = await fetch(`${rig.gateway.url}/subscribe/c`, { headers: BEARER })
    const reader = stream.body?.getReader()
    await reader?.read()

    await rig.gateway.replaceTokens([{ token: TOKEN }, "another-token"])
    await rig.server.command("PUBLISH", "c", "on")

    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: message,c,on\n\n")
    await reader?.cancel()
  })

  it("does not take a pattern for the prefix it begins with", async () => {
    await using rig = await startAll({ tokens: [{ token: TOKEN, prefix: "tenant?:" }] })

    expect((await rig.send("/psubscribe/tenant%3F:*")).json).toEqual({
      error: "NOPERM No permissions to access a channel",
    })
  })
})

it("a connection that asks for nothing does not outlive a drain", async () => {
  const rig = await startAll({ drainTimeoutMs: 200 })
  const socket = connect({ host: "127.0.0.1", port: rig.gateway.port })
  socket.on("error", () => undefined)
  const closed = new Promise((resolve) => socket.on("close", resolve))
  await new Promise((resolve) => socket.on("connect", resolve))

  await rig.gateway.drain()

  await closed
  await rig[Symbol.asyncDispose]()
})
