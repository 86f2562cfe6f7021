import { ArgumentError, UnsupportedCommandError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { type ClusterPair, TAG, useClusterPair } from "./cluster-pair.ts"
import { errorLike, oneOf } from "./matchers.ts"
import { invoke, outcomeOf } from "./ways.ts"

/** A key of each master, that of slot 0 first; each has itself for a value. */
type Keys = readonly [first: string, second: string, third: string]

/** What is otherwise on a cluster: what is done, what ours gives, what ioredis's Cluster gives, and why. */
interface Deviation {
  readonly what: string
  readonly why: string
  run(client: object, keys: Keys, pair: ClusterPair): unknown
  readonly ours: (keys: Keys) => unknown
  readonly theirs: (keys: Keys) => unknown
}

const both = (gives: (keys: Keys) => unknown) => ({ ours: gives, theirs: gives })

const call =
  (method: string, of: (keys: Keys) => readonly unknown[]): Deviation["run"] =>
  (client, keys) =>
    invoke(client, method, of(keys))

const collected =
  (kind: "pipeline" | "multi"): Deviation["run"] =>
  (client, [first, second]) => {
    const commands = [
      ["get", first],
      ["get", second],
    ]
    return invoke(invoke(client, kind, [commands]) as object, "exec", [])
  }

/** The outcome on each node of what was made known to one. */
async function onEach(client: object, keys: Keys, command: readonly unknown[]): Promise<readonly unknown[]> {
  const [name, what] = command
  const outcomes = keys.map((key) => outcomeOf(() => invoke(client, "call", [name, what, 1, key])))
  return (await Promise.all(outcomes)).map((outcome) => (outcome instanceof Error ? "unknown" : outcome))
}

const CROSSSLOT = errorLike(/^CROSSSLOT/)
const GROUPS = errorLike(/^All keys in the pipeline should belong to the same slots/)

const SLOTS: readonly Deviation[] = [
  {
    what: "one command with keys of several slots",
    why: "no node has them all: the server refuses it",
    run: call("del", (keys) => keys),
    ...both(() => CROSSSLOT),
  },
  {
    what: "a pipeline with keys of several nodes",
    why: "it is split by node and its outcomes are put in order; ioredis refuses it",
    run: collected("pipeline"),
    ours: ([first, second]) => [
      [null, first],
      [null, second],
    ],
    theirs: () => GROUPS,
  },
  {
    what: "a transaction with keys of several slots",
    why: "it runs on one node",
    run: collected("multi"),
    ours: () => expect.any(UnsupportedCommandError),
    theirs: () => GROUPS,
  },
  {
    what: "a command that waits for keys of several slots",
    why: "it waits on one node",
    run: call("blpop", ([first, second]) => [first, second, 0.01]),
    ...both(() => CROSSSLOT),
  },
  {
    what: "SORT by a pattern",
    why: "a pattern may name keys of any slot",
    run: call("sort", ([, second]) => [`{${second}}l`, "BY", "w_*"]),
    ...both(() => errorLike(/BY option of SORT denied in cluster mode/i)),
  },
  {
    what: "a script that reaches for a key of another node",
    why: "the keys that it is called with say where it runs",
    run: call("eval", ([first, second]) => [`return redis.call("GET", "${second}")`, 1, first]),
    ...both(() => errorLike(/attempted to access a non local key in a cluster node/)),
  },
  {
    what: "a shard message",
    why: "its channel has a slot as a key has",
    run: call("spublish", ([, , third]) => [third, "message"]),
    ...both(() => 0),
  },
]

const NODES: readonly Deviation[] = [
  {
    what: "KEYS",
    why: "it tells what one node has: of ours the master of slot 0, of ioredis any",
    run: call("keys", () => ["*"]),
    ours: ([first]) => [first],
    theirs: (keys) => oneOf(keys.map((key) => [key])),
  },
  {
    what: "SCAN",
    why: "a cursor is one node's own; scanIterator goes from one to the next",
    run: call("scan", () => [0]),
    ours: ([first]) => ["0", [first]],
    theirs: (keys) => oneOf(keys.map((key) => ["0", [key]])),
  },
  {
    what: "DBSIZE",
    why: "it counts what one node has",
    run: call("dbsize", () => []),
    ...both(() => 1),
  },
  {
    what: "RANDOMKEY",
    why: "it draws from what one node has",
    run: call("randomkey", () => []),
    ours: ([first]) => first,
    theirs: oneOf,
  },
  {
    what: "FLUSHALL",
    why: "it empties one node",
    run: async (client, keys) => {
      const reply = await invoke(client, "flushall", [])
      return [reply, await Promise.all(keys.map((key) => invoke(client, "exists", [key])))]
    },
    ours: () => ["OK", [0, 1, 1]],
    theirs: () =>
      oneOf([
        ["OK", [0, 1, 1]],
        ["OK", [1, 0, 1]],
        ["OK", [1, 1, 0]],
      ]),
  },
  {
    what: "CONFIG SET",
    why: "it sets up one node",
    run: async (client, _keys, pair) => {
      await invoke(client, "config", ["SET", "lua-time-limit", "4999"])
      const set = await pair.each(["CONFIG", "GET", "lua-time-limit"])
      await pair.each(["CONFIG", "SET", "lua-time-limit", "5000"])
      return set.map((reply) => Array.isArray(reply) && reply[1] === "4999")
    },
    ours: () => [true, false, false],
    theirs: () =>
      oneOf([
        [true, false, false],
        [false, true, false],
        [false, false, true],
      ]),
  },
  {
    what: "SCRIPT LOAD",
    why: "one node knows the script then; defineScript sends it where it is not known",
    run: async (client, keys) => {
      const sha = await invoke(client, "script", ["LOAD", "return 'ran'"])
      return onEach(client, keys, ["EVALSHA", sha])
    },
    ours: () => ["ran", "unknown", "unknown"],
    theirs: () =>
      oneOf([
        ["ran", "unknown", "unknown"],
        ["unknown", "ran", "unknown"],
        ["unknown", "unknown", "ran"],
      ]),
  },
  {
    what: "PUBSUB CHANNELS and the count of PUBLISH",
    why: "a node knows its own subscribers, though a message reaches those of all",
    run: async (client, _keys, pair) => {
      const subscriber = pair.theirsOn(pair.masters[1], "subscriber")
      const message = new Promise((resolve) => subscriber.once("message", (_channel, text) => resolve(text)))
      await subscriber.subscribe("news")
      const channels = await invoke(client, "pubsub", ["CHANNELS"])
      const count = await invoke(client, "publish", ["news", "hi"])
      return [channels, count, await message]
    },
    ours: () => [[], 0, "hi"],
    theirs: () => [oneOf([[], ["news"]]), oneOf([0, 1]), "hi"],
  },
]

const CONNECTIONS: readonly Deviation[] = [
  {
    what: "SELECT",
    why: "a cluster has one database",
    run: (client) =>
      "use" in client
        ? invoke(client, "use", [(lease: object) => invoke(lease, "select", [1]), { key: TAG }])
        : invoke(client, "select", [1]),
    ...both(() => errorLike(/SELECT is not allowed in cluster mode/)),
  },
]

describe("what is otherwise on a cluster", () => {
  const pair = useClusterPair()

  async function keys(): Promise<Keys> {
    const [first = "", second = "", third = ""] = await pair.tags()
    return [first, second, third]
  }

  async function fill(): Promise<void> {
    await pair.empty()
    for (const key of await keys()) await pair.ours().set(key, key)
  }

  it.each([...SLOTS, ...NODES, ...CONNECTIONS])("is $what, because $why", async (deviation) => {
    const three = await keys()
    await fill()
    const theirs = await outcomeOf(() => deviation.run(pair.theirs(), three, pair))
    await fill()

    const ours = await outcomeOf(() => deviation.run(pair.ours(), three, pair))

    expect({ ours, theirs }).toEqual({ ours: deviation.ours(three), theirs: deviation.theirs(three) })
  })

  it("is a lease, because it leads to one node: that of its key, and what is elsewhere is refused", async () => {
    const [first, second, third] = await keys()
    await fill()

    const replies = await pair
      .ours()
      .use((lease) => Promise.all([lease.get(second), lease.dbsize()]), { key: second })
    const failure = await pair.ours().use((lease) => outcomeOf(() => lease.set(third, "x")), { key: first })

    expect(replies).toEqual([second, 1])
    expect(failure).toMatchObject({ kind: "MOVED", fate: "refused" })
    expect(await pair.ours().get(third)).toBe(third)
    await expect(pair.ours().acquire()).rejects.toThrow(ArgumentError)
  })

  it("is neither scanIterator nor a defined script: they reach all nodes", async () => {
    const three = await keys()
    await fill()
    const found: string[] = []
    const ran = pair.ours().defineScript("return redis.call('GET', KEYS[1])", { keys: 1 })

    for await (const key of pair.ours().scanIterator()) found.push(key)

    expect(found.toSorted()).toEqual(three.toSorted())
    expect(await Promise.all(three.map((key) => ran(key)))).toEqual(three)
  })
})
