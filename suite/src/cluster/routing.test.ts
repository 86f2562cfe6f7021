import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import {
  ArgumentError,
  ConnectionError,
  createRedis,
  type Lease,
  type Redis,
  ReplyError,
  UnsupportedCommandError,
} from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import { Cluster } from "ioredis"
import { describe, expect, it } from "vitest"
import { useCluster } from "./rig.ts"

const FIXTURE = fileURLToPath(new URL("leaves.fixture.ts", import.meta.url))

describe("requests to a cluster", () => {
  const rig = useCluster({ password: "p w/" })

  it("find their nodes, over one connection to each", async () => {
    const redis = rig.client()
    const keys = Array.from({ length: 300 }, (_, n) => `key:${n}`)

    await Promise.all(keys.map((key) => redis.set(key, key)))

    expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys)
    expect(redis.stats()).toMatchObject({ shared: 3, opened: 3 })
    for (const { node, key } of await rig.keysOf("key:")) expect(await node.command("GET", key)).toBe(key)
  })

  it("go to the node of their key wherever it stands, and of bytes as of text", async () => {
    const redis = rig.client()
    for (const { key } of await rig.keysOf("place:")) {
      expect(await redis.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, key, "v")).toBe("OK")
      expect(await redis.object("ENCODING", Buffer.from(key))).toBe("embstr")
      expect(await redis.xadd(`{${key}}s`, "1-1", "f", "v")).toBe("1-1")
      expect(await redis.xread("COUNT", 1, "STREAMS", `{${key}}s`, "0")).toEqual([
        [`{${key}}s`, [["1-1", ["f", "v"]]]],
      ])
    }
  })

  it("take the prefix for a part of the key", async () => {
    const redis = rig.client({ keyPrefix: "shop:" })

    await Promise.all(["a", "b", "c", "d"].map((key) => redis.set(key, key)))
    const lease = await redis.acquire({ key: "a" })

    expect(await lease.get("a")).toBe("a")
    expect(await (await rig.cluster.nodeOf("shop:b")).command("GET", "shop:b")).toBe("b")
    await lease.release()
  })

  it("of a pipeline go to several nodes and come back in order", async () => {
    const redis = rig.client()
    const pipeline = redis.pipeline()
    for (let n = 0; n < 100; n += 1) pipeline.set(`p:${n}`, n).get(`p:${n}`)
    pipeline.incr("p:7").lpush("p:7", 1).ping()

    const outcomes = await pipeline.exec()

    expect(outcomes.slice(0, 200).map(([error]) => error)).toEqual(Array(200).fill(null))
    expect(
      outcomes
        .slice(0, 200)
        .filter((_, n) => n % 2 === 1)
        .map(([, reply]) => reply),
    ).toEqual(Array.from({ length: 100 }, (_, n) => String(n)))
    expect(outcomes[200]).toEqual([null, 8])
    expect(outcomes[201]?.[0]?.message).toMatch(/^WRONGTYPE/)
    expect(outcomes[202]).toEqual([null, "PONG"])
  })

  it("keep their order within a slot", async () => {
    const redis = rig.client()
    const keys = await rig.keysOf("order:")

    const pushes = Array.from({ length: 300 }, (_, n) => redis.rpush(keys[n % 3]?.key ?? "", n))
    await Promise.all(pushes)

    for (const [index, { key }] of keys.entries()) {
      expect(await redis.lrange(key, 0, -1)).toEqual(
        Array.from({ length: 100 }, (_, n) => String(3 * n + index)),
      )
    }
  })

  it("without a key go to the master of slot 0", async () => {
    const redis = rig.client()
    // Source: `redis-cli CLUSTER KEYSLOT 06S` is 0.
    expect(await rig.cluster.slotOf("06S")).toBe(0)
    const first = await rig.cluster.nodeOf("06S")

    const info = await redis.info("server")

    expect(info).toContain(`tcp_port:${first.port}`)
  })

  it("run as transactions on one node", async () => {
    const redis = rig.client()
    for (const { key } of await rig.keysOf("tx:")) {
      expect(await redis.multi().set(`{${key}}a`, 1).incr(`{${key}}a`).get(`{${key}}a`).exec()).toEqual([
        [null, "OK"],
        [null, 2],
        [null, "2"],
      ])
    }
  })

  it.each([
    ["on its own", (redis: Redis, run: (on: Redis | Lease) => Promise<unknown>) => run(redis)],
    [
      "in a lease",
      (redis: Redis, run: (on: Redis | Lease) => Promise<unknown>, key: string) => redis.use(run, { key }),
    ],
  ])("are refused as a transaction over several slots %s, before anything is sent", async (_where, on) => {
    const redis = rig.client()
    await redis.prewarm()
    const [one, other] = await rig.keysOf("cross:")
    await Promise.all((await rig.cluster.masters()).map((node) => node.command("CONFIG", "RESETSTAT")))
    const transaction = (lane: Redis | Lease) =>
      lane
        .multi()
        .set(one?.key ?? "", 1)
        .set(other?.key ?? "", 1)
        .exec()

    const failure = await on(redis, transaction, one?.key ?? "").catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(UnsupportedCommandError)
    expect(failure).toMatchObject({ fate: "unsent", message: expect.stringMatching(/CROSSSLOT.*hash tag/) })
    const stats = await Promise.all(
      (await rig.cluster.masters()).map((node) => node.command("INFO", "commandstats")),
    )
    expect(stats.join()).not.toMatch(/cmdstat_(?:multi|set):/)
  })

  it("of one command with keys in several slots get the server's own error", async () => {
    const redis = rig.client()
    const [one, other] = await rig.keysOf("cross:")

    const failure = await redis.mget(one?.key ?? "", other?.key ?? "").catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(ReplyError)
    expect(failure).toMatchObject({ kind: "CROSSSLOT" })
  })

  it("run scripts on every node, each of which learns them", async () => {
    const redis = rig.client()
    const add = redis.defineScript("return redis.call('INCRBY', KEYS[1], ARGV[1])", { keys: 1 })

    for (const { key } of await rig.keysOf("script:")) {
      expect(await add(key, 2)).toBe(2)
      expect(await add(key, 3)).toBe(5)
    }
  })

  it("scan the keys of all masters", async () => {
    const redis = rig.client()
    const keys = Array.from({ length: 200 }, (_, n) => `scan:${n}`)
    await Promise.all(keys.map((key) => redis.set(key, "v")))

    const found: string[] = []
    for await (const key of redis.scanIterator({ match: "scan:*", count: 20 })) found.push(key)

    expect(found.toSorted()).toEqual(keys.toSorted())
  })

  it("find every connection open after prewarm", async () => {
    const redis = rig.client()

    await redis.prewarm()

    expect(redis.stats()).toMatchObject({ shared: 3, opened: 3 })
  })

  it("are read from an ioredis Cluster, which is left alone", async () => {
    const client = new Cluster(
      rig.cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })),
      { lazyConnect: true, redisOptions: { password: "p w/" } },
    )
    const redis = createRedis({ transport: ioredisTransport(client) })

    await Promise.all(["a", "b", "c"].map((key) => redis.set(key, key)))

    expect(client.status).toBe("wait")
    expect(redis.stats().shared).toBe(3)
    await redis.close()
  })

  it("fail in time with the reason when no node answers", async () => {
    const redis = createRedis({
      transport: ioredisTransport({ cluster: [{ host: "127.0.0.1", port: 1 }] }),
      commandTimeoutMs: 300,
    })

    const failure = await redis.get("k").catch((error: unknown) => error)

    expect(failure).toMatchObject({ fate: "unsent", cause: expect.any(ConnectionError) })
    expect(String(failure)).toContain("no node of the cluster at 127.0.0.1:1 answers: none lets us connect")
    await redis.close()
  })

  it("fail at once, and show no secret, when the login is refused", async () => {
    const url = new URL(rig.cluster.urls[0] ?? "")
    url.password = "planted-wrong"
    const redis = createRedis({ transport: ioredisTransport({ cluster: [url.href] }) })

    const failure = await redis.get("planted-key").catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(ReplyError)
    expect(failure).toMatchObject({ kind: "WRONGPASS", fate: "unsent" })
    expect(String(failure)).not.toContain("planted")
    await redis.close()
  })

  it("let the process end by itself after close", async () => {
    const child = spawn(process.execPath, [FIXTURE, rig.cluster.url], {
      stdio: ["ignore", "pipe", "inherit"],
    })

    const [code] = await once(child, "exit")

    expect(code).toBe(0)
  })
})

describe("leases on a cluster", () => {
  const rig = useCluster()

  it("lead to the node of their key", async () => {
    const redis = rig.client()

    for (const { node, key } of await rig.keysOf("lease:")) {
      await redis.use(
        async (lease) => {
          expect(await lease.info("server")).toContain(`tcp_port:${node.port}`)
          await lease.watch(key)
          await redis.set(key, "changed")
          expect(await lease.multi().set(key, "mine").exec()).toBeNull()
        },
        { key },
      )
      expect(await redis.get(key)).toBe("changed")
    }
  })

  it("are refused without one, with what to do", async () => {
    const redis = rig.client()

    await expect(redis.acquire()).rejects.toThrow(ArgumentError)
    await expect(redis.use(() => 1)).rejects.toThrow("acquire({ key })")
    await expect(redis.acquire({ kye: "k" } as object)).rejects.toThrow(
      "unknown option kye: did you mean key",
    )
  })

  it("are used again for their own node only, within max", async () => {
    const redis = rig.client({ max: 3 })
    const keys = await rig.keysOf("again:")
    const ids = new Map<string, number>()

    for (const { key } of [...keys, ...keys]) {
      const lease = await redis.acquire({ key })
      expect(await lease.set(key, "v")).toBe("OK")
      ids.set(key, lease.connection.id)
      await lease.release()
    }
    const held = await Promise.all(keys.slice(0, 2).map(({ key }) => redis.acquire({ key })))
    const third = redis.acquire({ key: keys[2]?.key ?? "" })
    expect(redis.stats().leased).toBe(2)
    await held[0]?.release()
    const lease = await third

    expect(await lease.get(keys[2]?.key ?? "")).toBe("v")
    expect(redis.stats().leased).toBe(2)
    await Promise.all([lease.release(), held[1]?.release()])
  })

  it("are taken by blocking commands for their keys, on several nodes at once", async () => {
    const redis = rig.client()
    const keys = await rig.keysOf("block:")

    const popped = Promise.all(keys.map(({ key }) => redis.blpop(key, 5)))
    await Promise.all(keys.map(({ key }) => redis.rpush(key, "item")))

    expect(await popped).toEqual(keys.map(({ key }) => [key, "item"]))
  })
})

describe("subscriptions on a cluster", () => {
  const rig = useCluster()

  it("hear what is published to any node", async () => {
    const redis = rig.client()
    const subscription = redis.subscribe(["news"])
    await subscription.ready
    const messages = subscription[Symbol.asyncIterator]()

    for (const node of await rig.cluster.masters()) await node.command("PUBLISH", "news", `${node.port}`)

    const ports = (await rig.cluster.masters()).map(({ port }) => String(port))
    const heard = [await messages.next(), await messages.next(), await messages.next()]
    expect(heard.map(({ value }) => value?.message).toSorted()).toEqual(ports.toSorted())
    await subscription.close()
  })

  it("to shard channels are opened on the node of the slot, for each slot by itself", async () => {
    const redis = rig.client()
    const channels = await rig.keysOf("shard:")
    const subscriptions = channels.map(({ key }) => redis.ssubscribe([key, `{${key}}b`]))
    await Promise.all(subscriptions.map(({ ready }) => ready))

    await Promise.all(channels.map(({ key }) => redis.spublish(`{${key}}b`, "hello")))

    for (const [n, subscription] of subscriptions.entries()) {
      const { value } = await subscription[Symbol.asyncIterator]().next()
      expect(value).toEqual({ channel: `{${channels[n]?.key}}b`, message: "hello" })
      await subscription.close()
    }
    expect(() => redis.ssubscribe(channels.map(({ key }) => key))).toThrow(/CROSSSLOT.*hash tag/)
  })

  it("to a shard channel follow its slot, and say that messages may have been missed", async () => {
    const redis = rig.client()
    const subscription = redis.ssubscribe("{wandering}news")
    await subscription.ready
    const gap = new Promise((resolve) => redis.on("gap", resolve))
    const from = await rig.cluster.nodeOf("{wandering}")

    const to = await rig.otherMaster(from)
    const move = await rig.cluster.beginMove(await rig.cluster.slotOf("{wandering}"), to)
    await move.finish()
    await gap
    const next = subscription[Symbol.asyncIterator]().next()
    const publishing = setInterval(() => void redis.spublish("{wandering}news", "again"), 20)

    expect((await next).value).toEqual({ channel: "{wandering}news", message: "again" })
    clearInterval(publishing)
    await subscription.close()
  })

  it("are opened anew when their node is gone", async () => {
    const redis = rig.client()
    const subscription = redis.subscribe(["news"])
    await subscription.ready
    const gap = new Promise((resolve) => redis.on("gap", resolve))

    for (const node of rig.cluster.nodes) await node.command("CLIENT", "KILL", "TYPE", "pubsub")
    await gap
    const next = subscription[Symbol.asyncIterator]().next()
    const publishing = setInterval(() => void redis.publish("news", "again"), 20)

    expect((await next).value).toEqual({ channel: "news", message: "again" })
    clearInterval(publishing)
    await subscription.close()
  })
})
