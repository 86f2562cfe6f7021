import { createRedis, type Message, type Redis, type Subscription } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { GATEWAY_TOKEN, overGateway } from "../transports.ts"
import { useDoor } from "./door.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

async function take(subscription: Subscription, count: number): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of subscription) if (messages.push(message) === count) break
  return messages
}

describe.each(overGateway)("subscriptions over $name", (transport) => {
  const door = useDoor(transport, () => server)
  let proxy: FaultProxy
  let redis: Redis
  beforeEach(async () => {
    const { hostname, port } = new URL(door())
    proxy = await startFaultProxy({ target: { host: hostname, port: Number(port) } })
    redis = createRedis({ transport: transport.open(proxy.url(door())), commandTimeoutMs: 10_000 })
  })
  afterEach(async () => {
    await redis.close()
    await proxy.close()
  })

  /** Channels that somebody listens to. */
  const channels = async () => (await server.command("PUBSUB", "CHANNELS")) as string[]

  it("gives the messages of its channels, in order, whatever they hold", async () => {
    const subscription = redis.subscribe(["a", "b,c/d ☃"])
    await subscription.ready

    await redis.publish("a", "one,\ntwo\n")
    await redis.publish("other", "no")
    await redis.publish("a", "")
    await redis.publish("b,c/d ☃", "2 ☃")

    const messages = await take(subscription, 3)
    const of = (channel: string) => messages.filter((one) => one.channel === channel)
    expect(of("a").map(({ message }) => message)).toEqual(["one,\ntwo\n", ""])
    expect(of("b,c/d ☃")).toEqual([{ channel: "b,c/d ☃", message: "2 ☃" }])
  })

  it("gives the messages of patterns", async () => {
    const subscription = redis.psubscribe(["news.*", "old.?"])
    await subscription.ready

    await redis.publish("news.today", "a,b")

    expect(await take(subscription, 1)).toEqual([
      { channel: "news.today", message: "a,b", pattern: "news.*" },
    ])
  })

  it("refuses shard channels, which have no path", async () => {
    await expect(redis.ssubscribe("shard").ready).rejects.toMatchObject({ code: "ERR_UNSUPPORTED_COMMAND" })
  })

  it("unsubscribes from what nobody listens to any more, and from all when the client closes", async () => {
    const stays = redis.subscribe("stays")
    const leaves = redis.subscribe("leaves")
    await Promise.all([stays.ready, leaves.ready])
    const reading = take(stays, 1)

    await leaves.close()
    await vi.waitFor(async () => expect(await channels()).toEqual(["stays"]), { timeout: 10_000 })
    await redis.close()

    expect(await reading).toEqual([])
    await vi.waitFor(async () => expect(await channels()).toEqual([]), { timeout: 10_000 })
  })

  it("is subscribed anew after a loss, and says so", async () => {
    const gap = new Promise((resolve) => redis.on("gap", resolve))
    const subscription = redis.subscribe("a")
    await subscription.ready

    await proxy.reset()
    expect(await gap).toEqual({ subscriptions: 1 })
    await vi.waitFor(async () => expect(await server.command("PUBLISH", "a", "again")).toBe(1), {
      timeout: 10_000,
    })

    expect((await take(subscription, 1))[0]?.message).toBe("again")
  })

  it("ends with the signal's reason", async () => {
    const controller = new AbortController()
    const subscription = redis.subscribe("a", { signal: controller.signal })
    const reading = take(subscription, 1)
    await subscription.ready

    controller.abort(new Error("enough"))

    await expect(reading).rejects.toThrow("enough")
    await vi.waitFor(async () => expect(await channels()).toEqual([]), { timeout: 10_000 })
  })

  it("fails when the server can't be reached at first", async () => {
    proxy.refuse()

    await expect(redis.subscribe("a").ready).rejects.toMatchObject({ code: "ERR_CONNECTION" })
  })

  it("fails with a wrong token, which it does not show", async () => {
    const { upstashTransport } = await import("@warmpool/upstash/transport")
    const wrong = createRedis({ transport: upstashTransport({ url: door(), token: `not-${GATEWAY_TOKEN}` }) })

    const subscription = wrong.subscribe("a")

    await expect(subscription.ready).rejects.toMatchObject({ kind: "WRONGPASS" })
    await expect(subscription.ready).rejects.not.toThrow(GATEWAY_TOKEN)
    await wrong.close()
  })

  it("is nothing that a client without connections has", async () => {
    const portable = createPortableRedis({ transport: transport.open(door()) })

    expect("subscribe" in portable).toBe(false)
    await portable.close()
  })
})
