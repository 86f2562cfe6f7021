import { OutcomeUnknownError, type Reply, ReplyError, TimeoutError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { compact, packError, packReply, unpackError, unpackReply, type WireError } from "./wire.ts"

/** A reply on the other side of a call. */
function carried(reply: Reply): Reply | undefined {
  return unpackReply(structuredClone(packReply(reply)))
}

describe("replies between Workers", () => {
  it.each<[string, Reply]>([
    ["text", "é"],
    ["a number", 7],
    ["nothing", null],
    ["bytes", Uint8Array.of(255, 0, 254)],
    ["arrays in arrays", ["a", [1, [null, []]], Uint8Array.of(1)]],
  ])("are what they were: %s", (_, reply) => {
    expect(carried(reply)).toEqual(reply)
  })

  it("keep errors as values, with their class and kind", () => {
    const [first, inner] = carried([new ReplyError("WRONGTYPE wrong"), [new ReplyError("ERR x")]]) as [
      ReplyError,
      readonly ReplyError[],
    ]

    expect(first).toBeInstanceOf(ReplyError)
    expect(first.kind).toBe("WRONGTYPE")
    expect(inner[0]?.message).toBe("ERR x")
  })

  it("take no memory along that only lies around them", () => {
    const own = compact(new Uint8Array(1_000).subarray(10, 13))

    expect(own.buffer.byteLength).toBe(3)
    expect(compact([["SET", own]])[0]?.[1]).toBe(own)
  })
})

describe("errors between Workers", () => {
  it("keep what became of the command", () => {
    const lost = unpackError(structuredClone(packError(new OutcomeUnknownError("INCR"))))
    const late = unpackError(structuredClone(packError(new TimeoutError("late", { fate: "unsent" }))))

    expect([lost.name, lost.fate]).toEqual(["ConnectionError", "unknown"])
    expect([late.name, late.fate]).toEqual(["ConnectionError", "unsent"])
  })

  it("keep why a transaction was refused", () => {
    const refused = new ReplyError("EXECABORT", { previousErrors: [new ReplyError("ERR wrong number")] })

    const error = unpackError(structuredClone(packError(refused)))

    expect(error).toMatchObject({ kind: "EXECABORT", previousErrors: [{ message: "ERR wrong number" }] })
  })

  it("are told whatever another version puts beside their words", () => {
    const strange = { name: "ReplyError", message: "ERR other", previous: "ERR why" } as unknown as WireError

    expect(unpackError(strange)).toMatchObject({ kind: "ERR", previousErrors: [] })
  })

  it("say nothing of an error that is not ours: it may show a value", () => {
    expect(packError(new RangeError("planted-value is too long"))).toEqual({
      name: "RangeError",
      message: "the pool failed with RangeError",
      fate: "unknown",
    })
  })
})
