import { describe, expect, it } from "vitest"
import { readTarget, TargetError } from "./target.ts"

const bytes = (...codes: number[]) => Uint8Array.from(codes)

describe("readTarget", () => {
  it("gives the segments of the path, and none for the root", () => {
    expect(readTarget("/").path).toEqual([])
    expect(readTarget("/get/foo").path).toEqual(["get", "foo"])
    expect(readTarget("/set/a+b//").path).toEqual(["set", "a+b", "", ""])
  })

  it("gives any bytes that are percent-encoded", () => {
    expect(readTarget("/set/k%00/%ff%0d%0A%2f").path).toEqual(["set", bytes(107, 0), bytes(255, 13, 10, 47)])
  })

  it("takes bytes beyond ASCII that stand there as they are", () => {
    expect(readTarget("/get/\xc3\xa9").path).toEqual(["get", bytes(0xc3, 0xa9)])
  })

  it("gives names and values of the query in order, and flags without a value", () => {
    expect(readTarget("/set/k?EX=100&NX&GET=&a+b=%20").query).toEqual([
      "EX",
      "100",
      "NX",
      "GET",
      "a b",
      bytes(32),
    ])
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
