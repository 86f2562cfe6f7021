import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { specOf } from "../commands/table.ts"
import { slotOf, slotOfCommand, slotsOf } from "./slot.ts"

const of = (line: string) => {
  const args = line.split(" ")
  return slotOfCommand(specOf(args[0] ?? ""), args)
}

describe("slotOf", () => {
  // Source: the cluster specification's own example, and CLUSTER KEYSLOT of redis 7.0.15.
  it.each([
    ["123456789", 12_739],
    ["foo", 12_182],
    ["foo{hash_tag}", 2515],
    ["{user1000}.following", 3443],
    ["{user1000}.followers", 3443],
    ["foo{}{bar}", 8363],
    ["foo{{bar}}zap", 4015],
    ["foo{bar}{zap}", 5061],
    ["", 0],
    ["ключ", slotOf(new TextEncoder().encode("ключ"))],
  ])("of %s is %i", (key, slot) => {
    expect(slotOf(key)).toBe(slot)
  })

  it("spreads keys over all slots", () => {
    const slots = Array.from({ length: 200_000 }, (_, n) => slotOf(createHash("md5").update(`${n}`).digest()))

    expect(new Set(slots).size).toBe(16_384)
  })
})

describe("the slot of a command", () => {
  it("is that of its first key, wherever that stands", () => {
    expect(of("GET k")).toBe(slotOf("k"))
    expect(of("MSET a 1 b 2")).toBe(slotOf("a"))
    expect(slotOfCommand(specOf("eval"), ["EVAL", "return 1", "1", "k", "v"])).toBe(slotOf("k"))
    expect(of("XREAD COUNT 1 STREAMS s 0")).toBe(slotOf("s"))
    expect(of("OBJECT ENCODING k")).toBe(slotOf("k"))
    expect(of("SPUBLISH channel m")).toBe(slotOf("channel"))
  })

  it("does not exist without a key", () => {
    for (const line of ["PING", "PUBLISH channel m", "GET", "DBSIZE", "SCRIPT LOAD s"]) {
      expect(of(line)).toBeUndefined()
    }
  })

  it("is one of several where commands run together", () => {
    const slots = slotsOf([["MSET", "{a}1", "v", "{a}2", "v"], ["PING"], ["GET", "b"]])

    expect(slots).toEqual(new Set([slotOf("a"), slotOf("b")]))
  })
})
