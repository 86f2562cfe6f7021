import { describe, expect, it } from "vitest"
import { fit } from "./fit.ts"

const MIB = 1024 * 1024
const refused = expect.objectContaining({ name: "UnsupportedCommandError", fate: "unknown" })

describe("fit", () => {
  it("leaves alone what one call carries", () => {
    const replies = ["OK", 1, null, new Uint8Array(31 * MIB), ["a", ["b", null]]]

    expect(fit(replies)).toEqual(replies)
  })

  it("refuses those that find no room, and those alone", () => {
    const large = "x".repeat(15 * MIB)

    expect(fit([large, new Uint8Array(33 * MIB), large, large, "OK"])).toEqual([
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

    expect(fit([narrow])).toEqual([narrow])
    expect(fit([wide])).toEqual([refused])
    expect(fit([Array.from({ length: 3 }, () => [new Uint8Array(11 * MIB)])])).toEqual([refused])
  })
})
