import { once } from "node:events"
import { createServer } from "node:net"
import { ConnectionError, ReplyError } from "@warmpool/core"
import { type RedisCluster, startCluster, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readClusterTarget } from "./cluster-target.ts"
import { IoredisTopology } from "./topology.ts"

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startCluster({ password: "right" })
})

afterAll(() => cluster.close())

const open = (options: object = {}) =>
  new IoredisTopology(readClusterTarget("here", { cluster: [...cluster.urls], ...options }))

/** A port that nobody listens on, for a node's talk with others. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address !== null ? address.port : 0
}

describe("the topology of a cluster", () => {
  it("knows nothing before the first refresh, and every slot's master after it", async () => {
    const topology = open()
    const before = [topology.nodes, topology.nodeOf(0)]

    await topology.refresh()

    expect(before).toEqual([[], undefined])
    const masters = await cluster.masters()
    expect([...topology.nodes].toSorted()).toEqual(masters.map(({ port }) => `127.0.0.1:${port}`).toSorted())
    const { port } = await cluster.nodeOf("key")
    expect(topology.nodeOf(await cluster.slotOf("key"))).toBe(`127.0.0.1:${port}`)
  })

  it("asks once for all who ask at the same time", async () => {
    const topology = open()
    const [one, other] = [topology.refresh(), topology.refresh()]

    expect(one).toBe(other)
    await one
    expect(topology.refresh()).not.toBe(one)
  })

  it("holds no connection between two refreshes", async () => {
    const topology = open()

    await topology.refresh()
    await topology.refresh()

    for (const node of cluster.nodes) {
      await expect
        .poll(async () =>
          String(await node.command("CLIENT", "LIST", "TYPE", "normal"))
            .trim()
            .split("\n"),
        )
        .toEqual([expect.stringContaining("name=warmpool-control")])
    }
  })

  it("takes a node's word for a slot, and tells once what one batch of replies says", async () => {
    const topology = open()
    await topology.refresh()
    let told = 0
    const stop = topology.onChange(() => {
      told += 1
    })

    topology.moved(1, "127.0.0.1:1")
    topology.moved(2, "127.0.0.1:1")
    const meanwhile = [topology.nodeOf(1), topology.nodes.includes("127.0.0.1:1")]
    await Promise.resolve()

    expect(meanwhile).toEqual(["127.0.0.1:1", true])
    expect(told).toBe(1)
    // Then the cluster is asked, which knows better here.
    await topology.refresh()
    expect(topology.nodeOf(1)).not.toBe("127.0.0.1:1")
    stop()
  })

  it.each([
    ["a table", { "10.0.0.1:6379": { host: "localhost", port: 7 } }],
    ["a function", (told: string) => (told === "10.0.0.1:6379" ? { host: "localhost", port: 7 } : null)],
  ])("reaches nodes where %s says that they are", (_what, natMap) => {
    const topology = open({ natMap })

    expect(topology.reach("10.0.0.1:6379")).toBe("localhost:7")
    expect(topology.reach("10.0.0.2:6379")).toBe("10.0.0.2:6379")
  })

  it("is asked of the given nodes again when none that is known answers", async () => {
    const proxies = new Map<string, { host: string; port: number }>()
    const natMap = (told: string) => proxies.get(told) ?? null
    for (const { port } of cluster.nodes) proxies.set(`127.0.0.1:${port}`, { host: "127.0.0.1", port: 1 })
    const topology = open({ natMap })
    await topology.refresh()
    const known = topology.nodes
    proxies.clear()

    await expect(topology.refresh()).rejects.toThrow(ConnectionError)
    await topology.refresh()

    expect(known).toEqual(["127.0.0.1:1"])
    expect(topology.nodes).not.toContain("127.0.0.1:1")
  })
})

describe("a topology that can't be had", () => {
  it("because nobody is there", async () => {
    const topology = new IoredisTopology(readClusterTarget("here", { url: "redis+cluster://127.0.0.1:1" }))

    const failure = await topology.refresh().catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(ConnectionError)
    expect(String(failure)).toContain("no node of the cluster at 127.0.0.1:1 answers: none lets us connect")
  })

  it("because the login is refused", async () => {
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }))

    const failure = await open({ cluster: nodes, password: "planted" })
      .refresh()
      .catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(ReplyError)
    expect(failure).toMatchObject({ kind: "WRONGPASS" })
  })

  it("because nobody serves slots", async () => {
    const args = ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())]
    await using server = await startRedis({ args })
    const topology = open({ cluster: [server.url] })

    await expect(topology.refresh()).rejects.toThrow("names no node that serves slots: is it set up")
  })

  it("because it is no cluster", async () => {
    await using server = await startRedis()

    const failure = await open({ cluster: [server.url] })
      .refresh()
      .catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(ReplyError)
    expect(String(failure)).toContain("cluster support disabled")
  })
})
