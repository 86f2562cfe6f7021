import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest"
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts"
import { RawClient } from "./raw-client.fixture.ts"
import { type RedisServer, startRedis } from "./redis.ts"

let redis: RedisServer
let proxy: FaultProxy

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(() => redis.close())

beforeEach(async () => {
  await redis.command("FLUSHALL")
  proxy = await startFaultProxy({ target: redis })
})

afterEach(() => proxy.close())

/** A client whose connection reaches through to the server. */
async function openClient(protocol: 2 | 3 = 2): Promise<RawClient> {
  const client = new RawClient(proxy.port)
  client.send("HELLO", protocol)
  client.send("ECHO", "hello")
  await client.received("hello\r\n")
  client.text = ""
  return client
}

it("runs the command, drops its reply and everything behind it, and goes silent", async () => {
  using client = await openClient()
  client.send("SET", "k", "5")
  await client.received("+OK\r\n")

  const fault = proxy.dropReply()
  client.send("INCR", "k")
  await fault.struck
  client.send("INCR", "k")
  await expect.poll(() => redis.command("GET", "k")).toBe("7")
  await proxy.cut()
  await client.saw("end")

  expect(client.text).toBe("+OK\r\n")
})

it.each([
  ["cut", "end"],
  ["reset", "ECONNRESET"],
] as const)("ends the connection by %s once the command has run", async (and, event) => {
  using client = await openClient()

  const fault = proxy.dropReply({ and })
  client.send("INCR", "k")
  await Promise.all([fault.struck, client.saw(event)])

  expect(client.events).toEqual(["connect", event])
  expect(client.text).toBe("")
  expect(await redis.command("GET", "k")).toBe("1")
})

it("delivers what comes before the nth reply, of commands sent in one write", async () => {
  using client = await openClient()

  proxy.dropReply({ nth: 3, and: "cut" })
  client.socket.cork()
  for (const value of ["a", "b", "c", "d"]) client.send("RPUSH", "list", value)
  client.socket.uncork()
  await client.saw("end")

  expect(client.text).toBe(":1\r\n:2\r\n")
  expect(await redis.command("LLEN", "list")).toBe(4)
})

it("counts only commands sent after it was armed", async () => {
  using client = await openClient()
  client.send("BLPOP", "list", 0)
  await proxy.until(({ commands }) => commands === 3)

  proxy.dropReply({ and: "cut" })
  await redis.command("RPUSH", "list", "early")
  await client.received("early\r\n")
  client.send("INCR", "k")
  await client.saw("end")

  expect(client.text).toMatch(/early\r\n$/)
})

it("counts only commands of one name when told", async () => {
  using client = await openClient()

  proxy.dropReply({ nth: 2, command: "INCR", and: "cut" })
  for (const command of ["INCR", "GET", "TTL", "incr"]) client.send(command, "k")
  await client.saw("end")

  expect(client.text).toBe(":1\r\n$1\r\n1\r\n:-1\r\n")
})

it("waits for a connection that is not open yet, and hits one connection only", async () => {
  const fault = proxy.dropReply({ command: "incr", and: "reset" })

  using hit = await openClient()
  hit.send("INCR", "k")
  await Promise.all([fault.struck, hit.saw("ECONNRESET")])
  using spared = await openClient()
  spared.send("INCR", "k")

  await spared.received(":2\r\n")
})

it("hits one of two connections even while the hit itself is still delayed", async () => {
  using one = await openClient()
  using two = await openClient()
  proxy.delay({ replies: 30 })

  proxy.dropReply({ and: "cut" })
  for (const client of [one, two]) client.send("PING")
  await Promise.race([one.saw("end"), two.saw("end")])
  await Promise.race([one.received("+PONG"), two.received("+PONG")])

  expect([one.text, two.text].sort()).toEqual(["", "+PONG\r\n"])
})

it("hits as many connections as told", async () => {
  proxy.dropReply({ command: "incr", and: "reset", times: Infinity })

  for (let opened = 0; opened < 3; opened++) {
    using client = await openClient()
    client.send("INCR", "k")
    await client.saw("ECONNRESET")
  }

  expect(await redis.command("GET", "k")).toBe("3")
})

it("takes no push for a reply in RESP3", async () => {
  using client = await openClient(3)
  client.send("CLIENT", "TRACKING", "ON")
  client.send("GET", "k")
  await client.received("_\r\n")
  client.text = ""

  proxy.dropReply({ nth: 2, and: "cut" })
  await redis.command("SET", "k", "v")
  await client.received("invalidate")
  client.send("HGETALL", "missing")
  await client.received("%0\r\n")
  client.send("INCR", "n")
  await client.saw("end")

  expect(client.text).toMatch(/^>2\r\n\$10\r\ninvalidate\r\n[^%]*%0\r\n$/)
  expect(await redis.command("GET", "n")).toBe("1")
})

it("delivers only the first bytes of a reply", async () => {
  await redis.command("SET", "k", "0123456789")
  using client = await openClient()

  const fault = proxy.cutReply({ nth: 2, afterBytes: 7 })
  client.send("PING")
  client.send("GET", "k")
  await Promise.all([fault.struck, client.saw("end")])

  expect(client.text).toBe("+PONG\r\n$10\r\n01")
})

it("delivers exactly as much of a large reply as told", async () => {
  await redis.command("SET", "k", "v".repeat(30_000_000))
  using client = await openClient()

  proxy.cutReply({ afterBytes: 20_000_000 })
  client.send("GET", "k")
  await client.saw("end")

  expect(client.text.length).toBe(20_000_000)
})

it("delivers the whole reply when it is shorter than told, and ends behind it", async () => {
  using client = await openClient()

  proxy.cutReply({ afterBytes: 100 })
  client.send("PING")
  client.send("PING")
  await client.saw("end")

  expect(client.text).toBe("+PONG\r\n")
})

it("strikes behind a delay", async () => {
  using client = await openClient()
  proxy.delay({ replies: 30 })

  proxy.dropReply({ nth: 2, and: "cut" })
  client.send("PING")
  client.send("PING")
  await client.saw("end")

  expect(client.text).toBe("+PONG\r\n")
})

it("is lifted by heal and by close", async () => {
  using client = await openClient()
  const healed = proxy.dropReply()
  await proxy.heal()
  client.send("PING")
  await client.received("+PONG")
  const closed = proxy.dropReply()
  await proxy.close()

  await expect(healed.struck).rejects.toThrow("lifted")
  await expect(closed.struck).rejects.toThrow("lifted")
  expect(() => proxy.dropReply({ nth: 0 })).toThrow("nth must be a whole number from 1")
})
