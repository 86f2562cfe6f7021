import { describe, expect, it } from "vitest"
import { readTarget, TargetError } from "./target.ts"

const bytes = (...codes: number[]) => Uint8Array.from(codes)

describe("readTarget", () => {
  it("gives the segments of the path, and none for the root", () => {
    expect(readTarget("/").path).toEqual([])
    expect(readTarget("/get/foo").path).toEqual(["get", "foo"])
    expect(readTarget("/set/a+b//").path).toEqual(["set", "a+b", "", ""])
  })

  it("gives text that is percent-encoded, and any other bytes", () => {
    expect(readTarget("/set/k%00/%ef%bb%bf%c3%a9%2F").path).toEqual(["set", "k\0", "\ufeffé/"])
    expect(readTarget("/set/k/%ff%0d%0A%2f").path).toEqual(["set", "k", bytes(255, 13, 10, 47)])
    expect(readTarget("/set/%ed%a0%80/%c0%80").path).toEqual([
      "set",
      bytes(0xed, 0xa0, 0x80),
      bytes(0xc0, 0x80),
    ])
  })

  it("takes bytes beyond ASCII that stand there as they are", () => {
    expect(readTarget("/get/\xc3\xa9").path).toEqual(["get", bytes(0xc3, 0xa9)])
  })

  it("gives names and values of the query in order, and flags without a value", () => {
    expect(readTarget("/set/k?EX=100&NX&GET=&a+b=%20").query).toEqual(["EX", "100", "NX", "GET", "a b", " "])
  })

  it("takes the token out of the query", () => {
    expect(readTarget("/set/k?EX=1&_token=se%63ret&NX")).toEqual({
      path: ["set", "k"],
      query: ["EX", "1", "NX"],
      token: "secret",
    })
  })

  it.each(["/get/%", "/get/%f", "/get/%zz", "/get/k?a=%0g", "/get/\u0100"])("refuses %j", (target) => {
    expect(() => readTarget(target)).toThrow(TargetError)
  })
})
