import { expect, it } from "vitest"
import { toObject } from "./replies.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

it("makes an object of pairs, and an empty one of none", () => {
  expect(toObject(["f", "v", "g", "w"])).toEqual({ f: "v", g: "w" })
  expect(toObject([])).toEqual({})
})

it("keeps fields that have a meaning on objects as fields", () => {
  const object = toObject(["__proto__", "p", "constructor", "c", "toString", "t"]) as object

  expect(Object.entries(object)).toEqual([
    ["__proto__", "p"],
    ["constructor", "c"],
    ["toString", "t"],
  ])
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
})

it("has strings for fields and bytes for values when the reply is bytes", () => {
  const value = new Uint8Array([0xff, 0])

  expect(toObject([bytes("ключ"), value, bytes("__proto__"), value])).toEqual(
    Object.fromEntries([
      ["ключ", value],
      ["__proto__", value],
    ]),
  )
})

it("leaves alone what is not pairs", () => {
  expect(toObject("QUEUED")).toBe("QUEUED")
  expect(toObject(null)).toBe(null)
})
