import { createHash } from "node:crypto"
import { UnsupportedCommandError } from "@warmpool/core"
import { beforeEach, describe, expect, it } from "vitest"
import { useClusterPair } from "./cluster-pair.ts"
import { invoke, outcomeOf } from "./ways.ts"

const KEYS = 10_000

/** Keys that look random and are the same each time. */
const keys = Array.from({ length: KEYS }, (_, n) => createHash("sha256").update(`${n}`).digest("hex"))

/** The same as bytes, with braces wherever chance puts them. */
const byteKeys = keys.map((key, n) => {
  const bytes = Buffer.from(key.slice(0, 2 * (n % 33)), "hex")
  for (const [at, byte] of bytes.entries()) {
    if (byte % 8 === 1) bytes[at] = 0x7b
    if (byte % 8 === 2) bytes[at] = 0x7d
  }
  return bytes
})

/** Commands of one transaction with keys of two slots, wherever in it they stand. */
const CROSSING: readonly (readonly [
  what: string,
  commands: (a: string, b: string) => readonly unknown[][],
])[] = [
  [
    "writes",
    (a, b) => [
      ["set", a, 1],
      ["set", b, 1],
    ],
  ],
  [
    "reads",
    (a, b) => [
      ["get", a],
      ["get", b],
    ],
  ],
  ["the last of many", (a, b) => [...Array(50).fill(["incr", a]), ["incr", b]]],
  ["one command with several keys", (a, b) => [["mget", a, b]]],
  ["an object", (a, b) => [["mset", { [a]: 1, [b]: 2 }]]],
  [
    "keys as bytes",
    (a, b) => [
      ["set", Buffer.from(a), 1],
      ["getBuffer", Buffer.from(b)],
    ],
  ],
  [
    "commands by name",
    (a, b) => [
      ["call", "SET", a, 1],
      ["call", "SET", b, 1],
    ],
  ],
  ["a script", (a, b) => [["eval", "return 1", 2, a, b]]],
  ["keys behind words", (a, b) => [["xread", "COUNT", 1, "STREAMS", a, b, 0, 0]]],
  ["a target", (a, b) => [["sort", a, "STORE", b]]],
  [
    "a subcommand",
    (a, b) => [
      ["object", "ENCODING", a],
      ["del", b],
    ],
  ],
  ["commands without keys between", (a, b) => [["ping"], ["set", a, 1], ["echo", "x"], ["set", b, 1]]],
  [
    "a key and a shard channel",
    (a, b) => [
      ["set", a, 1],
      ["spublish", b, "x"],
    ],
  ],
]

describe("keys of a cluster", () => {
  const pair = useClusterPair()
  beforeEach(() => pair.empty())

  it("of a pipeline may be in any slot: ten thousand outcomes come in order", async () => {
    const pipeline = pair.ours().pipeline()
    for (const [n, key] of keys.entries())
      pipeline.set(key, `v${n}`).getBuffer(key).append(key, "!").incr(key)

    const outcomes = await pipeline.exec()

    expect(outcomes).toHaveLength(4 * KEYS)
    for (const [n] of keys.entries()) {
      const [set, got, appended, failed] = outcomes.slice(4 * n, 4 * n + 4)
      const value = Buffer.from(`v${n}`)
      if (set?.[1] !== "OK" || appended?.[1] !== value.length + 1) expect([set, appended]).toBe(n)
      if (!(got?.[1] instanceof Uint8Array) || Buffer.compare(got[1], value) !== 0) expect(got).toBe(n)
      if (failed?.[0]?.message !== "ERR value is not an integer or out of range") expect(failed).toBe(n)
    }
    const sizes = (await pair.each(["DBSIZE"])).map(Number)
    expect(Math.min(...sizes)).toBeGreaterThan(3_000)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(KEYS)
  })

  it("may be in any slot within one tick: ten thousand replies are those that ioredis's Cluster reads", async () => {
    await Promise.all(keys.map((key, n) => pair.ours().set(key, n)))

    const ours = await Promise.all(keys.map((key) => pair.ours().get(key)))
    const theirs = await Promise.all(keys.map((key) => pair.theirs().get(key)))

    expect(ours).toEqual(theirs)
    expect(ours).toEqual(keys.map((_, n) => String(n)))
  })

  it("find their node at the first attempt, whatever bytes and braces they are", async () => {
    const pipeline = pair.ours().pipeline()
    for (const key of byteKeys) pipeline.set(key, key).getBuffer(key)

    const outcomes = await pipeline.exec()

    for (const [n, key] of byteKeys.entries()) {
      const got = outcomes[2 * n + 1]?.[1]
      if (!(got instanceof Uint8Array) || Buffer.compare(got, key) !== 0) expect(got).toEqual(key)
    }
    for (const errors of await pair.each(["INFO", "errorstats"])) expect(errors).not.toMatch(/MOVED|ASK/)
  })

  it("of a defined script lead it to their nodes, in a pipeline too", async () => {
    const count = pair.ours().defineScript("return redis.call('INCR', KEYS[1])", { keys: 1 })
    const pipeline = pair.ours().pipeline()
    const some = keys.slice(0, 300)

    for (const key of some) count.on(pipeline, key)
    const outcomes = await pipeline.exec()
    const again = await Promise.all(some.map((key) => count(key)))

    expect(outcomes).toEqual(some.map(() => [null, 1]))
    expect(again).toEqual(some.map(() => 2))
  })

  it("keep the order of a pipeline within each slot", async () => {
    const lists = keys.slice(0, 30)
    const pipeline = pair.ours().pipeline()
    for (let n = 0; n < KEYS; n += 1) pipeline.rpush(lists[(n * 7) % lists.length] ?? "", n)

    const lengths = (await pipeline.exec()).map(([, length]) => length)

    expect(lengths).toEqual(Array.from({ length: KEYS }, (_, n) => Math.floor(n / lists.length) + 1))
    for (const list of lists) {
      const items = (await pair.ours().lrange(list, 0, -1)).map(Number)
      expect(items).toEqual(items.toSorted((a, b) => a - b))
    }
  })

  describe.each(["two nodes", "one node"])("of two slots of %s", (where) => {
    it.each(CROSSING)("are refused in a transaction before anything is sent: %s", async (_what, commands) => {
      const redis = pair.ours("cross:")
      const [a, b] = await keysOf(where)
      await redis.get(a)
      await pair.each(["CONFIG", "RESETSTAT"])

      const transaction = invoke(redis, "multi", [commands(a, b)]) as object
      const failure = await outcomeOf(() => invoke(transaction, "exec", []))

      expect(failure).toBeInstanceOf(UnsupportedCommandError)
      expect(failure).toMatchObject({ fate: "unsent", message: expect.stringMatching(/CROSSSLOT.*2 slots/) })
      expect(String(failure)).not.toContain(a)
      const stats = (await pair.each(["INFO", "commandstats"])).join("\n")
      // What the nodes and this test say to them.
      expect(stats.replaceAll(/cmdstat_(info|replconf|ping|config\|resetstat):.*/g, "")).not.toContain(
        "cmdstat",
      )
      expect(await redis.multi().set(a, 1).get(a).exec()).toEqual([
        [null, "OK"],
        [null, "1"],
      ])
    })
  })

  /** Two keys of two slots, which are the same node's or not. */
  async function keysOf(where: string): Promise<readonly [string, string]> {
    const a = "planted"
    const nodeOf = (key: string) => pair.cluster.nodeOf(`cross:${key}`)
    for (const b of keys) {
      const isSame = (await nodeOf(a)) === (await nodeOf(b))
      if (isSame === (where === "one node")) return [a, b]
    }
    throw new Error("there is no such key")
  }
})
