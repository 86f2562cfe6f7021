import { ArgumentError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { usePair } from "./pair.ts"
import { seen } from "./seen.ts"
import { type Commanding, invoke, outcomeOf } from "./ways.ts"

type Call = readonly [name: string, ...args: unknown[]]

/** Calls as JavaScript makes them; each runs on an empty database, and then all that it left is read. */
const ALIKE: readonly (readonly [what: string, call: Call])[] = [
  ["an array for all arguments", ["set", ["k", "v"]]],
  ["an array among arguments", ["mset", "a", 1, ["b", 2, "c", 3]]],
  ["several arrays", ["rpush", "l", ["a", "b"], ["c"]]],
  ["an empty array", ["rpush", "l", "x", []]],
  ["nothing but an empty array", ["mget", []]],
  ["an array with holes", ["rpush", "l", new Array(3), "x"]],
  ["null and undefined", ["rpush", "l", null, undefined, "x"]],
  ["null and undefined in an array", ["rpush", "l", [null, undefined]]],
  ["null as a key", ["set", null, "v"]],
  ["integers", ["rpush", "l", 0, -0, 1, -1, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
  ["fractions", ["rpush", "l", 0.1, -1.5, 1e21, 1e-7, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE]],
  ["numbers that are none", ["rpush", "l", Number.NaN, Infinity, -Infinity]],
  ["big integers", ["rpush", "l", 0n, -(2n ** 63n), 2n ** 64n]],
  ["booleans", ["rpush", "l", true, false]],
  ["a number as a key", ["set", 12, 3]],
  ["empty strings", ["rpush", "", "", ""]],
  ["text of every width", ["rpush", "l", "a", "ü", "€", "😀", "\u0000", "\r\n", "\ufeffbom", "\uffff"]],
  ["half of a surrogate pair", ["rpush", "l", "\ud83d", "a\ude00b"]],
  ["bytes", ["rpush", "l", Buffer.from([0, 255, 13, 10]), Buffer.alloc(0), "text"]],
  ["bytes as a key", ["set", Buffer.from([255, 0]), Buffer.from([1])]],
  ["bytes in an array", ["rpush", Buffer.from("l"), [Buffer.from([128]), "x"]]],
  ["a Buffer that is part of another", ["set", "k", Buffer.from("0123456789").subarray(3, 5)]],
  ["an object of fields", ["hset", "h", { a: 1, b: "two", c: null, d: undefined, e: Buffer.from([255]) }]],
  ["an object with odd fields", ["hset", "h", { "": "empty", constructor: 1, 12: "n", "a b": "c" }]],
  ["an object without a prototype", ["hset", "h", Object.assign(Object.create(null), { a: 1 })]],
  ["an empty object", ["hset", "h", {}]],
  [
    "a Map of fields",
    [
      "hset",
      "h",
      new Map<unknown, unknown>([
        ["a", 1],
        [2, "b"],
        ["c", null],
      ]),
    ],
  ],
  ["a Map with bytes", ["hset", "h", new Map([[Buffer.from([255]), Buffer.from([0])]])]],
  ["an empty Map", ["hset", "h", new Map()]],
  ["an array for fields", ["hset", "h", ["a", 1, "b", 2]]],
  ["a key and an object in an array", ["hset", ["h", { a: 1 }]]],
  ["an object for HMSET", ["hmset", "h", { a: 1, b: 2 }]],
  ["a Map for HMSET", ["hmset", "h", new Map([["a", 1]])]],
  ["an object for MSET", ["mset", { a: 1, b: "" }]],
  ["a Map for MSET", ["mset", new Map([["a", 1]])]],
  ["an object for MSETNX", ["msetnx", { a: 1 }]],
  ["an object in an array for MSET", ["mset", [{ a: 1 }]]],
  [
    "an instance of a class",
    [
      "hset",
      "h",
      new (class Point {
        x = 1
        y = 2
      })(),
    ],
  ],
  ["no arguments", ["get"]],
  ["arguments after an array", ["zadd", "z", [1, "a", 2, "b"], 3, "c"]],
  ["call with an array", ["call", "SET", ["k", "v"]]],
  ["call with numbers and null", ["call", "RPUSH", "l", 1, null, undefined, true]],
  ["call in any case", ["call", "sEt", "k", "v"]],
  ["callBuffer", ["callBuffer", "ECHO", Buffer.from([255, 0])]],
  ["call without a transformed reply", ["call", "HGETALL", "missing"]],
]

/** What ioredis makes of these nobody meant; ours refuses, and sends nothing. */
const REFUSED: readonly (readonly [what: string, call: Call])[] = [
  ["an array in an array in an array", ["rpush", "l", [["a", "b"]]]],
  ["an object where none stands for pairs", ["set", "k", { a: 1 }]],
  ["an object beside other fields", ["hset", "h", "a", 1, { b: 2 }]],
  ["a Map where none stands for pairs", ["set", "k", new Map([["a", 1]])]],
  ["an object in a pair of an object", ["hset", "h", { a: { b: 1 } }]],
  ["an array in a pair of an object", ["hset", "h", { a: [1, 2] }]],
  ["a Set", ["sadd", "s", new Set(["a"])]],
  ["a date", ["set", "k", new Date(0)]],
  ["a promise", ["set", "k", Promise.resolve("v")]],
  ["a symbol", ["set", "k", Symbol("v")]],
  ["a callback", ["get", "k", () => undefined]],
  ["an object for call", ["call", "HSET", "h", { a: 1 }]],
  ["a callback for call", ["call", "GET", "k", () => undefined]],
]

/** Everything in the database, as bytes. */
async function contents(client: Commanding): Promise<unknown> {
  const keys = (await invoke(client, "keysBuffer", ["*"])) as Uint8Array[]
  const dumps = keys.map(async (key) => [key, await invoke(client, "dumpBuffer", [key])])
  return seen((await Promise.all(dumps)).sort())
}

describe.each(allTransports)("arguments over $name", (transport) => {
  const pair = usePair(transport)
  const run = async (client: Commanding, [name, ...args]: Call) => {
    await pair.empty()
    const outcome = seen(await outcomeOf(() => invoke(client, name, args)))
    return [outcome, await contents(pair.theirs)]
  }

  it.each(ALIKE)("are sent as ioredis sends them: %s", async (_what, call) => {
    const theirs = await run(pair.theirs, call)

    expect(await run(pair.ours, call)).toEqual(theirs)
  })

  it.each(ALIKE)("are sent as ioredis sends them, in a pipeline: %s", async (_what, [name, ...args]) => {
    const collected = async (client: Commanding) => {
      await pair.empty()
      const pipeline = invoke(client, "pipeline", []) as object
      invoke(pipeline, name, args)
      const [[error, reply] = []] = (await invoke(pipeline, "exec", [])) as unknown[][]
      return [seen(error ?? reply), await contents(pair.theirs)]
    }
    const theirs = await collected(pair.theirs)

    expect(await collected(pair.ours)).toEqual(theirs)
  })

  it.each(REFUSED)("that no server could take are refused: %s", async (_what, call) => {
    const [name, ...args] = call

    const error = await outcomeOf(() => invoke(pair.ours, name, args))

    expect(error).toBeInstanceOf(ArgumentError)
    expect(await pair.theirs.dbsize()).toBe(0)
  })

  it("may be bytes of any kind, where ioredis takes Buffers only", async () => {
    const bytes = Uint8Array.of(0, 255, 128, 13, 10, 49)
    const kinds = [
      bytes,
      bytes.buffer,
      new DataView(bytes.buffer),
      new Uint16Array(bytes.buffer),
      Buffer.from(bytes),
    ]

    await pair.ours.rpush("l", ...(kinds as Uint8Array[]))

    for (const kept of await pair.theirs.lrangeBuffer("l", 0, -1)) expect([...kept]).toEqual([...bytes])
    expect(await pair.theirs.llen("l")).toBe(kinds.length)
  })

  it("of MSET and MSETNX keep objects as pairs only when alone, as with ioredis", async () => {
    expect(await pair.ours.mset({ a: 1, b: 2 })).toBe("OK")
    expect(await pair.ours.msetnx(new Map([["c", 3]]))).toBe(1)

    expect(await pair.theirs.mget("a", "b", "c")).toEqual(["1", "2", "3"])
  })
})
