import { describe, expect, it } from "vitest"
import { CommandsError, readCommand, readCommands, TooManyError } from "./commands-in-json.ts"

const bounds = { maxCommands: 3, maxArguments: 4 }
const bytes = (text: string) => new TextEncoder().encode(text)
const one = (text: string) => readCommand(bytes(text), bounds)

describe("readCommand", () => {
  it("makes strings of numbers and booleans", () => {
    expect(one('["set", 1, true, -0.5]')).toEqual(["set", "1", "true", "-0.5"])
  })

  it("keeps numbers that a double would round as they were written", () => {
    expect(one('["incrby","k",9007199254740993]')).toEqual(["incrby", "k", "9007199254740993"])
    expect(one('["set","k",0.12345678901234567890]')).toEqual(["set", "k", "0.12345678901234567890"])
    expect(one('["set","12345678901234567890",1]')).toEqual(["set", "12345678901234567890", "1"])
  })

  it("takes the others alike whatever stands beside them, and no digits out of a string", () => {
    const long = "-12345678901234567890"

    expect(one(`["set",1.0, ${long} ]`)).toEqual(["set", "1", long])
    expect(one(String.raw`["set","\\",${long},"\" ,${long}\\\""]`)).toEqual([
      "set",
      "\\",
      long,
      `" ,${long}\\"`,
    ])
  })

  it("keeps CRLF, RESP and NUL as data", () => {
    expect(one(String.raw`["set","*1\r\n$8\r\nFLUSHALL\r\n","\u0000"]`)).toEqual([
      "set",
      "*1\r\n$8\r\nFLUSHALL\r\n",
      "\0",
    ])
  })

  it.each([
    "",
    "{}",
    "null",
    '"get"',
    "[]",
    "[null]",
    '["get",null]',
    '["get",{}]',
    '["get",["k"]]',
    "[",
    "1e999",
  ])("refuses %j", (text) => expect(() => one(text)).toThrow(CommandsError))

  it("refuses what is not UTF-8, rather than change it", () => {
    expect(() => readCommand(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d), bounds)).toThrow(CommandsError)
  })

  it("refuses arrays within arrays, however deep", () => {
    expect(() => one("[".repeat(1_000_000))).toThrow(CommandsError)
    expect(() => one("[".repeat(100_000) + "]".repeat(100_000))).toThrow(CommandsError)
  })

  it("refuses more arguments than allowed", () => {
    expect(() => one('["a","b","c","d","e"]')).toThrow(TooManyError)
  })
})

describe("readCommands", () => {
  it("gives each command", () => {
    expect(readCommands(bytes('[["get","k"],["incr",1]]'), bounds)).toEqual([
      ["get", "k"],
      ["incr", "1"],
    ])
  })

  it.each(["[]", "{}", '["get"]', "[[]]", '[["get"],null]'])("refuses %j", (text) =>
    expect(() => readCommands(bytes(text), bounds)).toThrow(CommandsError),
  )

  it("refuses more commands than allowed", () => {
    expect(() => readCommands(bytes('[["a"],["b"],["c"],["d"]]'), bounds)).toThrow(TooManyError)
  })
})
