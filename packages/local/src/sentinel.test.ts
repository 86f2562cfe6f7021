import { afterAll, beforeAll, expect, it } from "vitest"
import { RawClient } from "./raw-client.fixture.ts"
import { type SentinelRedis, startSentinel } from "./sentinel.ts"

let redis: SentinelRedis

beforeAll(async () => {
  redis = await startSentinel({ name: "main", password: "planted-1", sentinelPassword: "planted-2" })
})

afterAll(() => redis.close())

/** Where each sentinel says that the master is. */
function addresses(): Promise<unknown[]> {
  const asked = redis.sentinels.map((one) => one.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"))
  return Promise.all(asked)
}

it("forms a master with two linked replicas under three sentinels that know each other", async () => {
  const master = await redis.master()
  const replicas = await redis.replicas()
  const quorums = await Promise.all(redis.sentinels.map((one) => one.command("SENTINEL", "CKQUORUM", "main")))
  const peers = await Promise.all(redis.sentinels.map((one) => one.command("SENTINEL", "SENTINELS", "main")))

  expect(await addresses()).toEqual(Array(3).fill(["127.0.0.1", String(master.port)]))
  expect(quorums).toEqual(Array(3).fill(expect.stringMatching(/^OK 3 usable Sentinels/)))
  expect(peers.map((known) => (known as unknown[]).length)).toEqual([2, 2, 2])
  expect(replicas.length).toBe(2)
  for (const replica of replicas) {
    expect(await redis.command(replica, "ROLE")).toMatchObject([
      "slave",
      "127.0.0.1",
      master.port,
      "connected",
      expect.any(Number),
    ])
  }
})

it("asks for the password of nodes and of sentinels", async () => {
  for (const { port } of [...redis.nodes, ...redis.sentinels]) {
    using stranger = new RawClient(port)

    stranger.send("PING")

    await stranger.received("-NOAUTH")
  }
})

it("fails over, and all sentinels name the new master", async () => {
  const old = await redis.master()
  await old.command("SET", "k", "v")
  await old.command("WAIT", 2, 1_000)

  const promoted = await redis.failover()

  expect(promoted).not.toBe(old)
  expect(await addresses()).toEqual(Array(3).fill(["127.0.0.1", String(promoted.port)]))
  expect(await promoted.command("GET", "k")).toBe("v")
  expect(await promoted.command("SET", "k", "w")).toBe("OK")
  expect(await old.command("ROLE")).toMatchObject([
    "slave",
    "127.0.0.1",
    promoted.port,
    "connected",
    expect.any(Number),
  ])
})

it("promotes a replica of a killed master, which comes back as a replica", async () => {
  const killed = await redis.master()
  await killed.command("SET", "k", "kept")
  await killed.command("WAIT", 2, 1_000)

  await redis.kill(killed)
  await redis.ready()
  const heir = await redis.master()

  expect(heir).not.toBe(killed)
  expect(await heir.command("GET", "k")).toBe("kept")
  expect((await redis.replicas()).length).toBe(1)

  await redis.restart(killed)

  expect(await killed.command("ROLE")).toMatchObject([
    "slave",
    "127.0.0.1",
    heir.port,
    "connected",
    expect.any(Number),
  ])
  expect(await killed.command("GET", "k")).toBe("kept")
})

it("still names the master with one sentinel gone, which comes back with what it knew", async () => {
  const [first] = redis.sentinels
  if (!first) throw new Error("there is no sentinel")
  const master = await redis.master()

  await redis.kill(first)
  const without = await redis.master()
  await redis.restart(first)

  expect(without).toBe(master)
  expect(await addresses()).toEqual(Array(3).fill(["127.0.0.1", String(master.port)]))
})

it("refuses passwords that a sentinel can't keep", async () => {
  await expect(startSentinel({ password: "two words" })).rejects.toThrow("no spaces, quotes or backslashes")
})
