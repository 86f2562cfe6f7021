import { describe, expect, it } from "vitest"
import type { WireReply } from "../service/wire.ts"
import { fitIntoCall } from "./call-size.ts"

const MIB = 1024 * 1024
const refused = expect.objectContaining({ name: "UnsupportedCommandError", fate: "unknown" })

const withinOneCall = (replies: readonly WireReply[]): readonly WireReply[] =>
  replies.map(fitIntoCall(replies.length))

describe("the replies of one call", () => {
  it("are left alone as far as one call carries them", () => {
    const replies = ["OK", 1, null, new Uint8Array(31 * MIB), ["a", ["b", null]]]

    const carried = withinOneCall(replies)

    // The same ones: to compare them byte by byte takes vitest longer than a test may.
    expect(carried.map((reply, at) => reply === replies[at])).toEqual(replies.map(() => true))
  })

  it("are refused where they find no room, and those alone", () => {
    const large = "x".repeat(15 * MIB)

    expect(withinOneCall([large, new Uint8Array(33 * MIB), large, large, "OK"])).toEqual([
      large,
      refused,
      large,
      refused,
      "OK",
    ])
  })

  it("are counted as the runtime writes them, with what lies within arrays", () => {
    const narrow = "é".repeat(17 * MIB)
    const wide = "☃".repeat(17 * MIB)

    expect(withinOneCall([narrow])).toEqual([narrow])
    expect(withinOneCall([wide])).toEqual([refused])
    expect(withinOneCall([Array.from({ length: 3 }, () => [new Uint8Array(11 * MIB)])])).toEqual([refused])
  })

  it("are counted with the errors among them, as text and in place of replies", () => {
    const error = { name: "ReplyError", message: "x".repeat(11 * MIB) }
    const bytes = new Uint8Array(1_000)

    const carried = withinOneCall(Array.from({ length: 200_000 }, () => bytes))

    expect(withinOneCall([error, { ...error, previous: [error] }])).toEqual([error, refused])
    // Beside 1,000 bytes there are 8 around them; of the same error again, 5 that say which it is.
    const size = carried.reduce<number>((sum, one) => sum + (one === bytes ? 1_008 : 5), 0)
    expect(size).toBeGreaterThan(29 * MIB)
    expect(size).toBeLessThan(32 * MIB)
  })
})
