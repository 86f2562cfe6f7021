import { afterEach, beforeEach, expect, it } from "vitest"
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts"
import { RawClient } from "./raw-client.fixture.ts"
import { attachRedis, type RedisServer, startRedis } from "./redis.ts"

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

it("forwards both ways, large values too, and counts", async () => {
  using client = await openClient()
  const value = "v".repeat(5_000_000)

  client.send("SET", "k", value)
  client.send("GET", "k")
  await client.received(`${value}\r\n`)

  const { requestBytes, replyBytes, ...counts } = proxy.counts
  expect(counts).toEqual({ connections: 1, open: 1, commands: 3 })
  expect(requestBytes).toBeGreaterThan(value.length)
  expect(replyBytes).toBeGreaterThan(value.length)
})

it("gives URLs through itself with the target's credentials and database", () => {
  expect(proxy.url()).toBe(`redis://127.0.0.1:${proxy.port}`)
  expect(proxy.url("rediss://me:pw@example.com:7/3")).toBe(`rediss://me:pw@127.0.0.1:${proxy.port}/3`)
})

it("says when a count is reached, and when it never will be", async () => {
  const two = proxy.until(({ connections }) => connections === 2)
  const never = expect(proxy.until(({ commands }) => commands === 100)).rejects.toThrow("closed")

  using first = new RawClient(proxy.port)
  using second = new RawClient(proxy.port)
  await two
  first[Symbol.dispose]()
  second[Symbol.dispose]()
  await proxy.until(({ open }) => open === 0)

  expect(proxy.counts.connections).toBe(2)
  await proxy.close()
  await never
})

it("hands on the server's FIN", async () => {
  using client = await openClient()

  await redis.command("CLIENT", "KILL", "TYPE", "normal")

  await client.saw("end")
  expect(client.events).toEqual(["connect", "end"])
})

it("hands on the client's FIN, behind what it sent", async () => {
  using client = await openClient()

  client.send("SET", "k", "v")
  client.socket.end()

  await client.saw("end")
  expect(await redis.command("GET", "k")).toBe("v")
  await expect.poll(() => redis.clients()).toEqual([])
})

it("hands on the client's RST", async () => {
  const client = await openClient()

  client.socket.resetAndDestroy()

  await expect.poll(() => redis.clients()).toEqual([])
})

it("resets a client whose server is down", async () => {
  await redis.kill()

  using client = new RawClient(proxy.port)

  await client.saw("ECONNRESET")
})

it("cuts every open connection by FIN on both sides, and no later one", async () => {
  using one = await openClient()
  using two = await openClient()

  await proxy.cut()

  await Promise.all([one.saw("end"), two.saw("end")])
  await expect.poll(() => redis.clients()).toEqual([])
  expect([...one.events, ...two.events]).toEqual(["connect", "end", "connect", "end"])
  using later = await openClient()
  expect(later.events).toEqual(["connect"])
})

it("resets every open connection on both sides, and no later one", async () => {
  using one = await openClient()
  using two = await openClient()

  await proxy.reset()

  await Promise.all([one.saw("ECONNRESET"), two.saw("ECONNRESET")])
  await expect.poll(() => redis.clients()).toEqual([])
  expect([...one.events, ...two.events]).toEqual(["connect", "ECONNRESET", "connect", "ECONNRESET"])
  using later = await openClient()
  expect(later.events).toEqual(["connect"])
})

it("refuses new connections and keeps the open ones, until it accepts again", async () => {
  using client = await openClient()

  proxy.refuse()

  using refused = new RawClient(proxy.port)
  await refused.saw("ECONNREFUSED")
  client.send("PING")
  await client.received("+PONG")
  await Promise.all([proxy.accept(), proxy.accept()])
  using later = await openClient()
  expect(later.events).toEqual(["connect"])
})

it("delays each direction as told", async () => {
  await using through = attachRedis(proxy.url())
  await through.command("PING")
  const measure = async () => {
    const start = performance.now()
    await Promise.all([through.command("PING"), through.command("PING")])
    return performance.now() - start
  }

  proxy.delay(300)
  const both = await measure()
  proxy.delay({ replies: 300 })
  const one = await measure()
  proxy.delay(0)
  const none = await measure()

  expect(both).toBeGreaterThanOrEqual(599)
  expect(one).toBeGreaterThanOrEqual(299)
  expect(one).toBeLessThan(599)
  expect(none).toBeLessThan(299)
})

it("throttles, and lets the rest through at once when that ends", async () => {
  using client = await openClient()
  const value = "v".repeat(100_000)
  await redis.command("SET", "k", value)
  const start = performance.now()

  proxy.throttle(500_000)
  client.send("GET", "k")
  await client.received(`${value}\r\n`)
  const tookMs = performance.now() - start
  client.text = ""
  proxy.throttle(10)
  client.send("GET", "k")
  await proxy.until(({ commands }) => commands >= 2)
  proxy.throttle(Infinity)
  await client.received(`${value}\r\n`)

  expect(tookMs).toBeGreaterThan(150)
  expect(performance.now() - start - tookMs).toBeLessThan(5000)
  expect(() => proxy.throttle(0)).toThrow("use stall()")
})
