import { describe, expect, it } from "vitest"
import { withinOneCall } from "./call-size.ts"

const MIB = 1024 * 1024
const refused = expect.objectContaining({ name: "UnsupportedCommandError", fate: "unknown" })

describe("withinOneCall", () => {
  it("leaves alone what one call carries", () => {
    const replies = ["OK", 1, null, new Uint8Array(31 * MIB), ["a", ["b", null]]]

    const carried = withinOneCall(replies)

    // The same ones: to compare them byte by byte takes vitest longer than a test may.
    expect(carried.map((reply, at) => reply === replies[at])).toEqual(replies.map(() => true))
  })

  it("refuses those that find no room, and those alone", () => {
    const large = "x".repeat(15 * MIB)

    expect(withinOneCall([large, new Uint8Array(33 * MIB), large, large, "OK"])).toEqual([
      large,
      refused,
      large,
      refused,
      "OK",
    ])
  })

  it("counts texts as the runtime writes them, and what lies within arrays", () => {
    const narrow = "é".repeat(17 * MIB)
    const wide = "☃".repeat(17 * MIB)

    expect(withinOneCall([narrow])).toEqual([narrow])
    expect(withinOneCall([wide])).toEqual([refused])
    expect(withinOneCall([Array.from({ length: 3 }, () => [new Uint8Array(11 * MIB)])])).toEqual([refused])
  })
})
