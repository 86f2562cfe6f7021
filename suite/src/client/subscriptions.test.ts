import { createRedis, type Message, type Redis, type Subscription } from "@warmpool/core"
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { transports } from "../transports.ts"

let server: RedisServer
let proxy: FaultProxy
beforeEach(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ target: server })
})
afterEach(async () => {
  await proxy.close()
  await server.close()
})

async function take(subscription: Subscription, count: number): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of subscription) if (messages.push(message) === count) break
  return messages
}

/** Connections that listen. */
async function listeners(): Promise<number> {
  return (await server.clients()).filter(
    ({ sub, psub, ssub }) => Number(sub) + Number(psub) + Number(ssub) > 0,
  ).length
}

async function until(met: () => Promise<boolean>): Promise<void> {
  while (!(await met())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe.each(transports)("subscriptions over $name", ({ open }) => {
  let redis: Redis
  beforeEach(() => {
    redis = createRedis({ transport: open(proxy.url(server.url)), validateTimeoutMs: 100 })
  })
  afterEach(() => redis.close())

  it("gives the messages of its channels, in order", async () => {
    const subscription = redis.subscribe(["a", "b"])
    await subscription.ready

    await redis.publish("a", "1")
    await redis.publish("other", "no")
    await redis.publish("b", "2 ☃")

    expect(await take(subscription, 2)).toEqual([
      { channel: "a", message: "1" },
      { channel: "b", message: "2 ☃" },
    ])
  })

  it("gives the messages of patterns and of shard channels", async () => {
    const pattern = redis.psubscribe("news.*")
    const shard = redis.ssubscribe("shard")
    await Promise.all([pattern.ready, shard.ready])

    await redis.publish("news.today", "p")
    await redis.spublish("shard", "s")

    expect(await take(pattern, 1)).toEqual([{ channel: "news.today", message: "p", pattern: "news.*" }])
    expect(await take(shard, 1)).toEqual([{ channel: "shard", message: "s" }])
  })

  it("shares one connection, and leaves it when the last subscription ends", async () => {
    const first = redis.subscribe("a")
    const second = redis.subscribe(["a", "b"])
    await Promise.all([first.ready, second.ready])
    expect(await listeners()).toBe(1)
    await redis.publish("a", "both")
    expect(await take(first, 1)).toEqual(await take(second, 1))

    await until(async () => (await listeners()) === 0)

    expect(redis.stats()).toMatchObject({ leased: 0 })
  })

  it("unsubscribes from what nobody listens to any more", async () => {
    const stays = redis.subscribe("a")
    const leaves = redis.subscribe("b")
    await Promise.all([stays.ready, leaves.ready])

    await leaves.close()

    await until(async () => (await redis.pubsub("CHANNELS")).length === 1)
    expect(await redis.pubsub("CHANNELS")).toEqual(["a"])
  })

  it("is subscribed anew after a loss, and says so", async () => {
    const gap = new Promise((resolve) => redis.on("gap", resolve))
    const subscription = redis.subscribe("a")
    await subscription.ready

    await proxy.reset()
    expect(await gap).toEqual({ subscriptions: 1 })
    await until(async () => (await redis.publish("a", "again")) === 1)

    expect((await take(subscription, 1))[0]?.message).toBe("again")
  })

  it("ends with the signal's reason", async () => {
    const controller = new AbortController()
    const subscription = redis.subscribe("a", { signal: controller.signal })
    const reading = take(subscription, 1)
    await subscription.ready

    controller.abort(new Error("enough"))

    await expect(reading).rejects.toThrow("enough")
    await until(async () => (await listeners()) === 0)
  })

  it("tells a consumer that is too far behind", async () => {
    const subscription = redis.subscribe("a", { maxBuffered: 10 })
    await subscription.ready

    for (let message = 0; message < 20; message += 1) await redis.publish("a", String(message))

    await expect(take(subscription, 20)).rejects.toMatchObject({ code: "ERR_SLOW_CONSUMER" })
  })

  it("fails when the server can't be reached at first", async () => {
    proxy.refuse()

    const subscription = redis.subscribe("a")

    await expect(subscription.ready).rejects.toMatchObject({ code: "ERR_ACQUIRE_TIMEOUT" })
    await expect(take(subscription, 1)).rejects.toMatchObject({ code: "ERR_ACQUIRE_TIMEOUT" })
  })

  it("ends quietly when the client closes", async () => {
    const subscription = redis.subscribe("a")
    const reading = take(subscription, 1)
    await subscription.ready

    await redis.close()

    expect(await reading).toEqual([])
  })

  it("needs a connection beside the shared one", async () => {
    const single = createRedis({ transport: open(server.url), max: 1 })

    await expect(single.subscribe("a").ready).rejects.toThrow("max: 1")
    await single.close()
  })

  it.each([
    ["no channel", () => redis.subscribe([]), "subscribe: pass the names as strings"],
    [
      "a name that is none",
      () => redis.subscribe([1 as unknown as string]),
      "subscribe: pass the names as strings",
    ],
    [
      "an unknown option",
      () => redis.psubscribe("a", { buffer: 1 } as object),
      "psubscribe: unknown option buffer",
    ],
  ])("refuses %s", (_what, subscribe, message) => {
    expect(subscribe).toThrow(message)
  })
})
