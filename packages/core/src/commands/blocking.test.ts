import { describe, expect, it } from "vitest"
import { blockingWaitMs, isBlocking } from "./blocking.ts"
import { specOf } from "./table.ts"

const argsOf = (line: string) => line.split(" ")
const waitOf = (line: string) => blockingWaitMs(specOf(argsOf(line)[0] ?? ""), argsOf(line))
const blocks = (line: string) => isBlocking(specOf(argsOf(line)[0] ?? ""), argsOf(line))

describe("isBlocking and blockingWaitMs", () => {
  it.each([
    ["BLPOP a b 1.5", 1500],
    ["BRPOP a 2", 2000],
    ["BLMOVE a b LEFT RIGHT 3", 3000],
    ["BLMOVEM a b LEFT RIGHT 3 COUNT 9", 3000],
    ["BRPOPLPUSH a b 4", 4000],
    ["BLMPOP 5 1 a LEFT COUNT 9", 5000],
    ["BZMPOP 5 1 a MIN COUNT 9", 5000],
    ["BZPOPMIN a 6", 6000],
    ["BZPOPMAX a b 7", 7000],
    ["XREAD BLOCK 80 STREAMS a $", 80],
    ["XREAD COUNT 1 BLOCK 80 STREAMS a $", 80],
    ["XREADGROUP GROUP g c COUNT 1 BLOCK 80 NOACK STREAMS a >", 80],
    ["XREADGROUP GROUP block block CLAIM 5 BLOCK 80 STREAMS a >", 80],
    ["WAIT 1 90", 90],
    ["WAITAOF 1 1 90", 90],
    ["BLPOP a 0", Number.POSITIVE_INFINITY],
    ["XREAD BLOCK 0 STREAMS a $", Number.POSITIVE_INFINITY],
    ["WAIT 1 0", Number.POSITIVE_INFINITY],
    ["BLPOP a 0.0", Number.POSITIVE_INFINITY],
  ])("%s waits %d ms", (line, ms) => {
    expect(blocks(line)).toBe(true)
    expect(waitOf(line)).toBe(ms)
  })

  it.each([
    "GET k",
    "LPOP a",
    "XREAD STREAMS a 0",
    "XREAD COUNT 1 STREAMS block 0",
    "XREADGROUP GROUP block 0 STREAMS block >",
    "XREAD COUNT block STREAMS a 0",
    "BLPOPX a 0",
  ])("%s does not block", (line) => {
    expect(blocks(line)).toBe(false)
    expect(waitOf(line)).toBe(0)
  })

  it.each([
    "BLPOP a -1",
    "BLPOP a x",
    "BLPOP a inf",
    "BLPOP",
    "XREAD BLOCK",
    "XREAD BLOCK x STREAMS a $",
    "WAIT 1",
  ])("%s waits for nothing: the server refuses it", (line) => {
    expect(waitOf(line)).toBe(0)
  })

  it("reads a timeout and an option given as bytes", () => {
    const bytes = (text: string) => new TextEncoder().encode(text)

    expect(blockingWaitMs(specOf("blpop"), ["BLPOP", "a", bytes("1")])).toBe(1000)
    expect(blockingWaitMs(specOf("xread"), ["XREAD", bytes("block"), bytes("5"), "STREAMS", "a", "$"])).toBe(
      5,
    )
  })
})
