import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { keyPositions } from "./keys.ts"
import { isRead } from "./subcommands.ts"
import {
  BLOCKING,
  BY_SUBCOMMAND,
  CHANNELS,
  commandSpecs,
  MOVABLE_KEYS,
  READ,
  STATEFUL,
  specOf,
} from "./table.ts"

type Row = readonly [
  name: string,
  arity: number,
  flags: readonly string[],
  first: number,
  last: number,
  step: number,
  ...rest: readonly unknown[],
]

/** Not flagged readonly by the server and still safe to send twice: nothing changes, and no session matters. */
const HARMLESS = [
  "command",
  "echo",
  "info",
  "lastsave",
  "memory",
  "object",
  "ping",
  "pubsub",
  "role",
  "time",
  "xinfo",
]

describe("the table against a live server", () => {
  let redis: RedisServer
  let rows: readonly Row[]

  beforeAll(async () => {
    redis = await startRedis()
    const all = (await redis.command("COMMAND")) as unknown as readonly Row[]
    // Commands of modules are reached by `call` only.
    rows = all.filter(([name]) => !name.includes("."))
  })
  afterAll(() => redis.close())

  it("knows every command of the server", () => {
    const unknown = rows
      .map(([name]) => name)
      .filter((name) => !commandSpecs.some((spec) => spec.name === name))

    expect(rows.length).toBeGreaterThan(200)
    expect(unknown).toEqual([])
  })

  it("takes for a read what the server flags readonly, and a list of harmless ones", () => {
    const readonly = rows.filter(([, , flags]) => flags.includes("readonly")).map(([name]) => name)
    const reads = rows.filter(([name]) => (specOf(name).flags & READ) !== 0).map(([name]) => name)

    expect(reads.toSorted()).toEqual([...readonly, ...HARMLESS].toSorted())
  })

  it("never takes for a read what the server flags write", () => {
    const writes = rows
      .flatMap((row) => [row, ...subcommandsOf(row)])
      .filter(([, , flags]) => flags.includes("write"))

    const taken = writes.filter(([name]) => isRead(specOf(first(name)), name.split("|")))

    expect(writes.length).toBeGreaterThan(100)
    expect(taken.map(([name]) => name)).toEqual([])
  })

  it("takes for blocking what the server flags so", () => {
    const blocking = rows.filter(([, , flags]) => flags.includes("blocking")).map(([name]) => name)
    const ours = rows.filter(([name]) => (specOf(name).flags & BLOCKING) !== 0).map(([name]) => name)

    // The server waits in WAIT as well, and does not say so before 7.2.
    expect(ours.toSorted()).toEqual([...new Set([...blocking, "wait"])].toSorted())
  })

  it("has the server's key positions", () => {
    const wrong = rows.filter(([name, , , firstKey, lastKey, keyStep]) => {
      const spec = specOf(name)
      if ((spec.flags & BY_SUBCOMMAND) !== 0) return false
      return spec.firstKey !== firstKey || spec.lastKey !== lastKey || spec.keyStep !== keyStep
    })

    expect(wrong.map(([name]) => name)).toEqual([])
  })

  it("has the server's key positions of subcommands", () => {
    const subcommands = rows.flatMap(subcommandsOf)
    const args = (name: string) => [...name.split("|"), "k"]

    const wrong = subcommands.filter(([name, , , firstKey]) => {
      const expected = firstKey === 0 ? [] : [firstKey]
      return String(keyPositions(specOf(first(name)), args(name))) !== String(expected)
    })

    expect(subcommands.length).toBeGreaterThan(100)
    expect(wrong.map(([name]) => name)).toEqual([])
  })

  it("finds movable keys where the server says they move", () => {
    const movable = rows.filter(([, , flags]) => flags.includes("movablekeys")).map(([name]) => name)
    const ours = rows.filter(([name]) => (specOf(name).flags & MOVABLE_KEYS) !== 0).map(([name]) => name)

    expect(ours.toSorted()).toEqual(movable.toSorted())
  })
})

function subcommandsOf(row: Row): readonly Row[] {
  return (row[9] ?? []) as readonly Row[]
}

function first(name: string): string {
  return name.split("|")[0] ?? ""
}

describe("specOf", () => {
  it("takes a name in any case", () => {
    expect(specOf("GeT")).toBe(specOf("get"))
    expect(specOf("get")).toMatchObject({ name: "get", wire: "GET", firstKey: 1, lastKey: 1, keyStep: 1 })
  })

  it("takes an unknown command for a write without keys", () => {
    expect(specOf("json.Set")).toEqual({
      name: "json.set",
      wire: "JSON.SET",
      flags: 0,
      firstKey: 0,
      lastKey: 0,
      keyStep: 0,
    })
  })

  it.each(["constructor", "__proto__", "toString", ""])("has no spec of its own for %j", (name) => {
    expect(specOf(name)).toMatchObject({ name: name.toLowerCase(), flags: 0, firstKey: 0 })
  })

  it.each([
    "xreadgroup",
    "spop",
    "getdel",
    "getex",
    "publish",
    "eval",
    "sort",
    "wait",
    "select",
    "hello",
    "set",
  ])("does not take %s for a read", (name) => {
    expect(specOf(name).flags & READ).toBe(0)
  })

  it.each(["eval_ro", "fcall_ro", "randomkey", "pfcount", "touch", "xread", "scan", "ping", "time"])(
    "takes %s for a read",
    (name) => {
      expect(specOf(name).flags & READ).toBe(READ)
    },
  )

  it("takes no command for a read that depends on its connection", () => {
    const both = commandSpecs.filter(({ flags }) => (flags & (READ | STATEFUL)) === (READ | STATEFUL))

    expect(both).toEqual([])
  })

  it("marks shard channels, which no key prefix applies to", () => {
    const channels = commandSpecs.filter(({ flags }) => (flags & CHANNELS) !== 0)

    expect(channels.map(({ name }) => name).toSorted()).toEqual(["spublish", "ssubscribe", "sunsubscribe"])
  })
})
