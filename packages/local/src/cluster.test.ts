import { afterAll, beforeAll, expect, it } from "vitest"
import { type RedisCluster, startCluster } from "./cluster.ts"
import { RawClient } from "./raw-client.fixture.ts"
import type { RedisServer } from "./redis.ts"

const PASSWORD = `p w"'é@/`

let cluster: RedisCluster
let formedInMs: number

beforeAll(async () => {
  const startedAt = performance.now()
  cluster = await startCluster({ password: PASSWORD })
  formedInMs = performance.now() - startedAt
})

afterAll(() => cluster.close())

async function otherMaster(than: RedisServer): Promise<RedisServer> {
  const other = (await cluster.masters()).find((master) => master !== than)
  if (!other) throw new Error("there is only one master")
  return other
}

async function epochOf(node: RedisServer): Promise<number> {
  return Number(/cluster_my_epoch:(\d+)/.exec(String(await node.command("CLUSTER", "INFO")))?.[1])
}

it("forms three masters with a linked replica each, all of one mind", async () => {
  const infos = await Promise.all(cluster.nodes.map((node) => node.command("CLUSTER", "INFO")))
  const roles = await Promise.all((await cluster.replicas()).map((node) => node.command("ROLE")))
  const masterPorts = (await cluster.masters()).map(({ port }) => port)

  for (const info of infos.map(String)) {
    expect(info).toContain("cluster_state:ok")
    expect(info).toContain("cluster_slots_ok:16384")
    expect(info).toContain("cluster_known_nodes:6")
  }
  expect(roles).toEqual(
    Array(3).fill(["slave", "127.0.0.1", expect.any(Number), "connected", expect.any(Number)]),
  )
  expect(roles.map((role) => (role as unknown[])[2]).toSorted()).toEqual(masterPorts.toSorted())
  expect(formedInMs).toBeLessThan(10_000)
})

it("tells clients of every node at its loopback address", async () => {
  const slots = (await cluster.command(cluster.nodes[0] as RedisServer, "CLUSTER", "SLOTS")) as unknown[][]
  const told = slots
    .flatMap((range) => range.slice(2) as [string, number][])
    .map(([ip, port]) => `${ip}:${port}`)

  expect(told.toSorted()).toEqual(cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).toSorted())
})

it("names all nodes in one URL and each in one of its own, with the password", () => {
  const login = `:${encodeURIComponent(PASSWORD)}@`
  const hosts = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`)

  expect(cluster.url).toBe(`redis+cluster://${login}${hosts.join(",")}`)
  expect(cluster.urls).toEqual(hosts.map((host) => `redis://${login}${host}`))
})

it("asks for the password", async () => {
  using stranger = new RawClient(cluster.nodes[0]?.port ?? 0)

  stranger.send("CLUSTER", "INFO")

  await stranger.received("-NOAUTH")
})

it("finds the master of a key; the others answer MOVED", async () => {
  const master = await cluster.nodeOf("{tag}here")
  const slot = await cluster.slotOf("{tag}here")

  expect(await cluster.slotOf("123456789")).toBe(12_739)
  expect(await master.command("SET", "{tag}here", "v")).toBe("OK")
  await expect((await otherMaster(master)).command("GET", "{tag}here")).rejects.toThrow(
    `MOVED ${slot} 127.0.0.1:${master.port}`,
  )
})

it("moves a slot: ASK for what has left, then MOVED for all", async () => {
  const from = await cluster.nodeOf("{move}1")
  const to = await otherMaster(from)
  const slot = await cluster.slotOf("{move}1")
  for (const key of ["{move}1", "{move}2"]) await from.command("SET", key, key)

  const move = await cluster.beginMove(slot, to)
  await move.migrate("{move}1")

  await expect(from.command("GET", "{move}1")).rejects.toThrow(`ASK ${slot} 127.0.0.1:${to.port}`)
  expect(await from.command("GET", "{move}2")).toBe("{move}2")
  await expect(to.command("GET", "{move}1")).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${from.port}`)
  await to.command("ASKING")
  expect(await to.command("GET", "{move}1")).toBe("{move}1")

  await move.finish()

  expect(await cluster.nodeOf("{move}1")).toBe(to)
  expect([await to.command("GET", "{move}1"), await to.command("GET", "{move}2")]).toEqual([
    "{move}1",
    "{move}2",
  ])
  const others = cluster.nodes.filter((node) => node !== to)
  for (const node of others) {
    await expect(node.command("GET", "{move}1")).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${to.port}`)
  }
})

it("calls a move off and brings back what had left", async () => {
  const from = await cluster.nodeOf("{stay}1")
  await from.command("SET", "{stay}1", "v")
  const move = await cluster.beginMove(await cluster.slotOf("{stay}1"), await otherMaster(from))
  await move.migrate()

  await move.cancel()

  expect(await from.command("GET", "{stay}1")).toBe("v")
  expect(await from.command("GET", "{stay}2")).toBe(null)
  expect(await cluster.nodeOf("{stay}1")).toBe(from)
})

it("fails over as planned and loses nothing that was acknowledged", async () => {
  const old = await cluster.nodeOf("{plan}n")
  let acknowledged = 0
  const writing = (async () => {
    for (;;) acknowledged = Number(await old.command("INCR", "{plan}n"))
  })().catch((error: Error) => error)

  const promoted = await cluster.failover(old)

  expect(String(await writing)).toContain(`127.0.0.1:${promoted.port}`)
  expect(acknowledged).toBeGreaterThan(0)
  expect(await promoted.command("GET", "{plan}n")).toBe(String(acknowledged))
  expect(await cluster.nodeOf("{plan}n")).toBe(promoted)
  expect(await cluster.replicas()).toContain(old)
  expect(await cluster.failover(old)).toBe(old)
})

it("holds a new vote for each failover of a node, however soon", async () => {
  const first = await otherMaster(await cluster.nodeOf("{plan}n"))
  const second = await cluster.failover(first)
  await cluster.failover(first)
  const before = await epochOf(first)

  await cluster.failover(second)

  expect(await epochOf(second)).toBeGreaterThan(before)
  expect(await cluster.masters()).toContain(second)
})

it("promotes the replica of a killed master, which comes back as its replica", async () => {
  const killed = await cluster.nodeOf("{dead}k")
  await killed.command("SET", "{dead}k", "v")
  await killed.command("WAIT", 1, 1_000)

  await cluster.kill(killed)
  await cluster.ready()
  const heir = await cluster.nodeOf("{dead}k")

  expect(heir).not.toBe(killed)
  expect(await heir.command("GET", "{dead}k")).toBe("v")
  expect((await cluster.masters()).length + (await cluster.replicas()).length).toBe(5)

  await cluster.restart(killed)

  expect(await killed.command("ROLE")).toMatchObject([
    "slave",
    "127.0.0.1",
    heir.port,
    "connected",
    expect.any(Number),
  ])
  await killed.command("READONLY")
  expect(await killed.command("GET", "{dead}k")).toBe("v")
})

it("restarts a replica, which finds its master again", async () => {
  const [replica] = await cluster.replicas()
  if (!replica) throw new Error("there is no replica")

  await cluster.restart(replica)
  await cluster.ready()

  expect(await cluster.replicas()).toContain(replica)
})
