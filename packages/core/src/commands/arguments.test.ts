import { Command } from "ioredis"
import { describe, expect, it } from "vitest"
import { ArgumentError } from "../errors.ts"
import { toArgs } from "./arguments.ts"
import { specOf } from "./table.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("toArgs", () => {
  it.each<readonly [string, unknown[]]>([
    ["get", ["k"]],
    ["set", ["k", "v"]],
    ["set", ["k", 1.5, "PX", 10n, "NX"]],
    ["set", ["k", null]],
    ["set", ["k", undefined]],
    ["set", ["k", true]],
    ["set", ["k", Number.NaN]],
    ["set", ["k", -0]],
    ["incrby", ["k", 2 ** 62]],
    ["mset", ["a", 2 ** 53, "b", -1e21, "c", Number.MAX_SAFE_INTEGER, "d", Number.MAX_VALUE]],
    ["set", ["k", ""]],
    ["set", ["ключ", "✓"]],
    ["ping", []],
    ["mget", [["a", "b"], "c", []]],
    ["mget", [new Array(3)]],
    ["del", [["a"]]],
    ["mset", [{ a: 1, b: null }]],
    [
      "mset",
      [
        new Map<unknown, unknown>([
          ["a", 1],
          [2, true],
        ]),
      ],
    ],
    ["mset", [[{ a: 1 }]]],
    ["mset", ["a", 1, "b", 2]],
    ["mset", [{}]],
    ["msetnx", [{ a: 1 }]],
    ["hset", ["h", { f: "v", g: 2 }]],
    ["hset", ["h", new Map([["f", "v"]])]],
    ["hset", [["h", { f: "v" }]]],
    ["hset", ["h", Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })]],
    ["hset", ["h", "f", "v"]],
    ["hset", ["h", ["f", "v"]]],
    ["hmset", ["h", { ["__proto__"]: "v" }]],
    ["hmset", ["h", new Map([["f", 1]])]],
    ["zadd", ["z", [1, "a"], [2, "b"]]],
    ["eval", ["return 1", 1, "k", ["a", "b"]]],
  ])("makes of %s what ioredis makes of it (%#)", (name, given) => {
    const command = new Command(name, given as never[])

    const args = toArgs(specOf(name), given)

    expect(args).toEqual([name.toUpperCase(), ...command.args])
  })

  it("leaves the caller's arguments alone", () => {
    const given = [["a", 1], { b: 2 }]
    const before = structuredClone(given)

    expect(() => toArgs(specOf("mset"), given)).toThrow(ArgumentError)
    toArgs(specOf("mget"), [["a", null]], "p:")

    expect(given).toEqual(before)
  })

  it("takes bytes in every form without changing them", () => {
    const buffer = new Uint8Array([1, 2, 0xff, 4]).buffer
    const whole = new Uint8Array(buffer)

    const args = toArgs(specOf("rpush"), [
      whole,
      buffer,
      new Uint8Array(buffer, 1, 2),
      new DataView(buffer, 3),
      new Uint16Array(buffer, 2, 1),
      Buffer.from([7]),
      [whole],
    ])

    expect(args.slice(1).map((arg) => (arg instanceof Uint8Array ? [...arg] : arg))).toEqual([
      [1, 2, 0xff, 4],
      [1, 2, 0xff, 4],
      [2, 0xff],
      [4],
      [0xff, 4],
      [7],
      [1, 2, 0xff, 4],
    ])
    expect(args[1]).toBe(whole)
  })

  it.each<readonly [string, unknown[], RegExp]>([
    [
      "get",
      ["secret", () => {}],
      /^GET: argument 2 is of type Function: pass a string, .*; callbacks are not supported, await the promise/,
    ],
    ["set", ["secret", Symbol("secret")], /^SET: argument 2 is of type Symbol: /],
    ["set", ["secret", { secret: 1 }], /^SET: argument 2 is of type Object: .*no implicit JSON/],
    ["set", ["secret", new Date()], /^SET: argument 2 is of type Date/],
    [
      "set",
      ["secret", Promise.resolve("secret")],
      /^SET: argument 2 is of type Promise: .*await the promise/,
    ],
    ["mget", [["secret", ["secret"]]], /^MGET: argument 2 is of type Array/],
    ["hset", ["secret", { secret: 1 }, "x"], /^HSET: argument 2 is of type Object/],
    ["hset", ["secret", { secret: { secret: 1 } }], /^HSET: argument 3 is of type Object/],
    ["hset", ["secret", { secret: ["secret"] }], /^HSET: argument 3 is of type Array/],
    ["hset", ["secret", Promise.resolve({})], /^HSET: argument 2 is of type Promise/],
    ["hset", ["secret", new Set(["secret"])], /^HSET: argument 2 is of type Set/],
    ["mset", ["secret", { secret: 1 }], /^MSET: argument 2 is of type Object/],
    ["hget", ["secret", { secret: 1 }], /^HGET: argument 2 is of type Object/],
  ])("refuses what no server could take, and shows none of it: %s (%#)", (name, given, message) => {
    const call = () => toArgs(specOf(name), given)

    expect(call).toThrow(ArgumentError)
    expect(call).toThrow(message)
    expect(call).not.toThrow(/secret/)
  })

  it("puts the prefix before the keys and nothing else", () => {
    const prefixed = (line: string) => {
      const [name = "", ...rest] = line.split(" ")
      return toArgs(specOf(name), rest, "p:").join(" ")
    }

    expect(prefixed("get k")).toBe("GET p:k")
    expect(prefixed("mset a 1 b 2")).toBe("MSET p:a 1 p:b 2")
    expect(prefixed("eval s 2 a b c")).toBe("EVAL s 2 p:a p:b c")
    expect(prefixed("xread COUNT 1 STREAMS a b 0 0")).toBe("XREAD COUNT 1 STREAMS p:a p:b 0 0")
    expect(prefixed("sort k BY w_* GET # GET o_* STORE d")).toBe(
      "SORT p:k BY p:w_* GET # GET p:o_* STORE p:d",
    )
    expect(prefixed("object ENCODING k")).toBe("OBJECT ENCODING p:k")
    expect(prefixed("keys a*")).toBe("KEYS a*")
    expect(prefixed("publish c m")).toBe("PUBLISH c m")
    expect(prefixed("spublish c m")).toBe("SPUBLISH c m")
    expect(prefixed("ping")).toBe("PING")
  })

  it("puts the prefix before keys in objects, numbers and bytes", () => {
    expect(toArgs(specOf("mset"), [{ a: 1, b: 2 }], "p:")).toEqual(["MSET", "p:a", "1", "p:b", "2"])
    expect(toArgs(specOf("mget"), [[1, "b"]], "p:")).toEqual(["MGET", "p:1", "p:b"])
    expect(toArgs(specOf("get"), [bytes("k")], "é:")).toEqual(["GET", bytes("é:k")])
  })

  it("does not write the prefix into the caller's bytes or arrays", () => {
    const key = bytes("k")
    const keys = ["a", "b"]

    toArgs(specOf("get"), [key], "p:")
    toArgs(specOf("mget"), [keys], "p:")

    expect(key).toEqual(bytes("k"))
    expect(keys).toEqual(["a", "b"])
  })
})
