import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { usePair } from "./pair.ts"
import { readTable } from "./script.ts"
import { seen } from "./seen.ts"
import { invoke, outcomeOf, textOneByOne, ways } from "./ways.ts"

/** The edges of what a number holds, and of what the server counts with. */
const EDGES = [
  0n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 60n + 7n,
  2n ** 63n - 1n,
].flatMap((edge) => [edge, -edge])

const [LARGE = expect.fail("the table is empty")] = readTable(`
# counters near the end
set n 9223372036854775806
incr n
incr n
decrby n 9223372036854775807
incrby n -9223372036854775807
decr n
decr n
hincrby h f 9007199254740993
hincrby h f -18014398509481986
bitfield b set i64 0 9223372036854775807 get i64 0 get u63 1 incrby i64 0 -1
eval "return 9007199254740993" 0
eval "return {1, {9007199254740992, 'text', {-9007199254740994, false}}}" 0
eval "return redis.call('incrby', KEYS[1], 9007199254740993)" 1 m
eval "return {redis.call('incrby', KEYS[1], 1), 1}" 1 m
xadd s 1-1 f v
xsetid s 2-0 entriesadded 9007199254740995 maxdeletedid 1-0
xinfo stream s
pexpireat n 33177117420123
pexpiretime n
`)

/** Integers as they are: numbers while those are exact. */
function exact(integer: bigint): number | string {
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : String(integer)
}

/** A reply with its integers as text. */
function inText(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(inText)
  return typeof reply === "number" ? String(reply) : seen(reply)
}

/** A reply whose unsafe integers are rounded. */
function asRounded(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(asRounded)
  const isUnsafe = typeof reply === "string" && /^-?\d{16,}$/.test(reply)
  return isUnsafe ? Number(reply) : seen(reply)
}

describe.each(allTransports)("integers over $name", (transport) => {
  const pair = usePair(transport)

  it.each(EDGES)("are exact: %s", async (edge) => {
    await pair.ours.set("n", edge - 1n)

    const expected = edge - 1n < -(2n ** 63n) ? expect.any(Error) : exact(edge)
    expect(await outcomeOf(() => pair.ours.incr("n"))).toEqual(expected)
    expect(await outcomeOf(() => invoke(pair.ours, "incrBuffer", ["m"]))).toBe(1)
    expect(await pair.ours.incrby("m", edge - 1n)).toBe(exact(edge))
  })

  it.each(EDGES)("are exact in arrays, and in arrays of arrays: %s", async (edge) => {
    const stored = await pair.ours.call("BITFIELD", "n", "SET", "i64", 0, edge, "GET", "i64", 0)
    const piped = await pair.ours.pipeline().bitfield("n", "GET", "i64", 0).exec()
    const together = await pair.ours.multi().bitfield("n", "GET", "i64", 0).ping().exec()

    expect(stored).toEqual([0, exact(edge)])
    expect(piped).toEqual([[null, [exact(edge)]]])
    expect(together).toEqual([
      [null, [exact(edge)]],
      [null, "PONG"],
    ])
  })

  it.each(ways)("are what ioredis has where it keeps them as text: $name", async (way) => {
    const exactly = pair.anotherOfTheirs({ stringNumbers: true })
    const theirs = await way.run(exactly, LARGE)
    await pair.empty()

    const ours = await way.run(pair.ours, LARGE)

    expect(ours.map(inText)).toEqual(theirs.map(inText))
  })

  it("are numbers and not text where ioredis has rounded numbers, unless they are unsafe", async () => {
    const rounded = await textOneByOne.run(pair.theirs, LARGE)
    await pair.empty()

    const ours = await textOneByOne.run(pair.ours, LARGE)

    expect(ours.map(asRounded)).toEqual(rounded.map(asRounded))
  })

  it.each([2 ** 53, 2 ** 62, -(2 ** 62), 1e18])("are sent digit by digit: %d", async (number) => {
    expect(await pair.ours.incrby("n", number)).toBe(String(BigInt(number)))
    expect(await pair.ours.get("n")).toBe(String(BigInt(number)))
  })
})
