import { afterEach, beforeEach, expect, it } from "vitest"
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts"
import { RawClient } from "./raw-client.fixture.ts"
import { type RedisServer, startRedis } from "./redis.ts"

let redis: RedisServer
let proxy: FaultProxy

beforeEach(async () => {
  redis = await startRedis()
  proxy = await startFaultProxy({ target: redis })
})

afterEach(async () => {
  await proxy.close()
  await redis.close()
})

/** A client whose connection reaches through to the server. */
async function openClient(): Promise<RawClient> {
  const client = new RawClient(proxy.port)
  client.send("ECHO", "hello")
  await client.received("hello\r\n")
  client.text = ""
  return client
}

it("swallows requests in silence", async () => {
  using client = await openClient()

  proxy.silence()
  client.send("SET", "k", "v")
  // The command is older than this whole exchange through the same proxy.
  using other = await openClient()

  expect(await redis.command("GET", "k")).toBe(null)
  expect([client.text, other.text]).toEqual(["", ""])
  expect(proxy.counts.commands).toBe(2)
})

it("swallows replies in silence", async () => {
  using client = await openClient()
  client.send("BLPOP", "list", 0)
  await proxy.until(({ commands }) => commands === 2)

  proxy.silence()
  await redis.command("LPUSH", "list", "v")
  await expect.poll(() => redis.command("LLEN", "list")).toBe(0)
  // The reply is older than this whole exchange through the same proxy.
  using other = await openClient()
  await proxy.cut()

  await client.saw("end")
  expect([client.text, other.text]).toEqual(["", ""])
})

it("tells a silent client nothing of its server's end", async () => {
  using client = await openClient()
  proxy.silence()

  await redis.kill()
  // Its reset comes after the server's end has reached the proxy.
  using probe = new RawClient(proxy.port)
  await probe.saw("ECONNRESET")
  const before = [...client.events]
  await proxy.reset()
  await client.saw("ECONNRESET")

  expect(before).toEqual(["connect"])
  expect(client.events).toEqual(["connect", "ECONNRESET"])
})

it("tells the server nothing of a silent client's end", async () => {
  const client = await openClient()
  proxy.silence()

  client.socket.resetAndDestroy()
  await proxy.until(({ open }) => open === 0)

  expect(await redis.clients()).toHaveLength(1)
})

it("lets new connections pass, or keeps them silent too until it heals", async () => {
  using old = await openClient()
  proxy.silence()
  using passing = await openClient()

  proxy.silence({ newConnections: "silent" })
  using silent = new RawClient(proxy.port)
  await proxy.until(({ connections }) => connections === 3)
  silent.send("PING")
  await proxy.heal()
  using healed = await openClient()
  await proxy.cut()
  await Promise.all([old, passing, silent, healed].map((client) => client.saw("end")))

  expect(silent.text).toBe("")
  expect(await redis.command("CLIENT", "LIST")).not.toContain("cmd=ping")
})

it("stalls so that the sender's buffers fill, and loses nothing", async () => {
  using client = await openClient()
  const value = "v".repeat(64 << 20)

  proxy.stall()
  client.send("SET", "k", value)
  client.send("STRLEN", "k")
  using late = new RawClient(proxy.port)
  await proxy.until(({ connections }) => connections === 2)
  late.send("PING")
  await redis.command("PING")
  const { writableLength } = client.socket
  const whileStalled = { text: client.text + late.text, commands: proxy.counts.commands }
  proxy.resume()
  await Promise.all([client.received(`:${value.length}`), late.received("+PONG")])

  expect(writableLength).toBeGreaterThan(value.length / 2)
  expect(whileStalled).toEqual({ text: "", commands: 1 })
})

it("holds back in a stall what it has read but not delivered yet", async () => {
  using client = await openClient()
  proxy.delay(60_000)
  client.send("SET", "k", "v")
  await proxy.until(({ commands }) => commands === 2)

  proxy.stall()
  proxy.delay(0)
  const whileStalled = await redis.command("EXISTS", "k")
  proxy.resume()
  await client.received("+OK\r\n")

  expect(whileStalled).toBe(0)
})

it("keeps from the server what still lay in the sender's buffers when a stalled connection is reset", async () => {
  using client = await openClient()

  proxy.stall()
  client.send("SET", "k", "v".repeat(50_000_000))
  client.send("INCR", "counter")
  await proxy.reset()
  await client.saw("ECONNRESET")

  await expect.poll(() => redis.clients()).toEqual([])
  expect(await redis.command("EXISTS", "k", "counter")).toBe(0)
})

it.each(["cut", "reset"] as const)(
  "reads no more than a peer takes, and can %s it all the same",
  async (end) => {
    const size = 50_000_000
    await redis.command("SET", "k", "v".repeat(size))
    using frozen = await openClient()
    frozen.socket.pause()
    frozen.send("GET", "k")
    await proxy.until(({ replyBytes }) => replyBytes > 1_000)
    const seen = [0]
    const standsStill = () => seen.push(proxy.counts.replyBytes) > 2 && seen.at(-1) === seen.at(-2)
    await expect.poll(standsStill).toBe(true)

    await proxy[end]()

    expect(proxy.counts.open).toBe(0)
    expect(proxy.counts.replyBytes).toBeLessThan(size)
    await expect.poll(() => redis.clients()).toEqual([])
  },
)
