import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { usePair } from "./pair.ts"

const BUFFERS = 10_000
const PER_TICK = 1_000

/** Bytes that look random and are the same each time: hashes of counters, cut to many lengths. */
function bytesOf(seed: number): Buffer {
  const lengths = [0, 1, 2, 3, 12, 13, 31, 64, 200]
  const length = lengths[seed % lengths.length] ?? 0
  const blocks: Buffer[] = []
  for (let block = 0; block * 32 < length; block++)
    blocks.push(createHash("sha256").update(`${seed}.${block}`).digest())
  return Buffer.concat(blocks).subarray(0, length)
}

/** A key of its own for each: one byte is not enough to tell ten thousand apart. */
const keyOf = (seed: number): Buffer => Buffer.concat([bytesOf(seed), Buffer.from([0, seed, seed >> 8, 255])])

const seeds = Array.from({ length: BUFFERS }, (_, seed) => seed)
const ticks = Array.from({ length: BUFFERS / PER_TICK }, (_, n) =>
  seeds.slice(n * PER_TICK, (n + 1) * PER_TICK),
)

function expectSame(kept: unknown, sent: Uint8Array): void {
  if (!(kept instanceof Uint8Array) || Buffer.compare(kept, sent) !== 0) expect(kept).toEqual(sent)
}

describe.each(allTransports)("bytes over $name", (transport) => {
  const pair = usePair(transport)

  it("survive as keys and values, ten thousand of them", async () => {
    for (const tick of ticks) {
      const kept = await Promise.all(
        tick.map(async (seed) => {
          await pair.ours.set(keyOf(seed), bytesOf(seed))
          return pair.ours.getBuffer(keyOf(seed))
        }),
      )
      for (const [index, seed] of tick.entries()) expectSame(kept[index], bytesOf(seed))
    }

    expect(await pair.theirs.dbsize()).toBe(BUFFERS)
    const theirs = await pair.theirs.mgetBuffer(seeds.map(keyOf))
    for (const seed of seeds) expectSame(theirs[seed], bytesOf(seed))
  })

  it("survive as arguments and in replies of arrays, ten thousand of them", async () => {
    for (const tick of ticks) {
      await pair.ours.rpush(
        "l",
        tick.map((seed) => Uint8Array.from(bytesOf(seed))),
      )
    }

    const ours = await pair.ours.lrangeBuffer("l", 0, -1)
    const theirs = await pair.theirs.lrangeBuffer("l", 0, -1)

    expect(ours).toHaveLength(BUFFERS)
    for (const seed of seeds) expectSame(ours[seed], bytesOf(seed))
    for (const seed of seeds) expectSame(theirs[seed], bytesOf(seed))
  })

  it("survive in pipelines and transactions, beside text", async () => {
    const pipeline = pair.ours.pipeline()
    for (const seed of seeds.slice(0, PER_TICK))
      pipeline.set(keyOf(seed), bytesOf(seed)).getBuffer(keyOf(seed))
    const transaction = pair.ours.multi()
    for (const seed of seeds.slice(0, PER_TICK)) transaction.echoBuffer(bytesOf(seed)).echo("text")

    const piped = await pipeline.exec()
    const together = await transaction.exec()

    for (const seed of seeds.slice(0, PER_TICK)) {
      expect(piped[2 * seed]).toEqual([null, "OK"])
      expectSame(piped[2 * seed + 1]?.[1], bytesOf(seed))
      expectSame(together?.[2 * seed]?.[1], bytesOf(seed))
      expect(together?.[2 * seed + 1]).toEqual([null, "text"])
    }
  })

  it("are fields and values of hashes, members of sets, entries of streams", async () => {
    const field = Buffer.from([255, 0, 13, 10])
    const value = Uint8Array.of(128, 129, 0)
    await pair.ours.hset("h", field, value)
    await pair.ours.sadd("s", field)
    await pair.ours.zadd("z", 1, value)
    await pair.ours.xadd("x", "1-1", field, value)

    expectSame(await pair.ours.hgetBuffer("h", field), value)
    expectSame(Object.values(await pair.ours.hgetallBuffer("h"))[0], value)
    expect(await pair.ours.sismember("s", Uint8Array.from(field))).toBe(1)
    expectSame((await pair.ours.zrangeBuffer("z", 0, -1))[0], value)
    expect(await pair.ours.xrangeBuffer("x", "-", "+")).toEqual(
      await pair.theirs.xrangeBuffer("x", "-", "+").then(plain),
    )
  })

  it("belong to the caller: changing them afterwards changes nobody else's", async () => {
    await pair.ours.set("k", Buffer.from("kept"))
    const [first, second] = await Promise.all([pair.ours.getBuffer("k"), pair.ours.getBuffer("k")])

    first?.fill(0)

    expect(Buffer.from(second ?? []).toString()).toBe("kept")
    expect(await pair.ours.get("k")).toBe("kept")
  })

  it("move from one client to the other by DUMP and RESTORE", async () => {
    const { ours, theirs } = pair
    await ours.hset("h", { a: 1, b: bytesOf(8) })
    await theirs.zadd("z", 1, bytesOf(7))

    await theirs.restore("h2", 0, Buffer.from((await ours.dumpBuffer("h")) ?? []))
    await ours.restore("z2", 0, (await theirs.dumpBuffer("z")) ?? "")

    expect(await ours.hgetallBuffer("h2")).toEqual(await ours.hgetallBuffer("h"))
    expect(await ours.zrangeBuffer("z2", 0, -1)).toEqual([Uint8Array.from(bytesOf(7))])
  })

  it("move functions by FUNCTION DUMP and RESTORE", async () => {
    await pair.ours.function(
      "LOAD",
      "#!lua name=lib\nredis.register_function('f', function() return 'ü' end)",
    )

    const dump = await pair.ours.callBuffer("FUNCTION", "DUMP")
    await pair.ours.function("FLUSH")
    await pair.theirs.call("FUNCTION", "RESTORE", Buffer.from(dump as Uint8Array))

    expect(await pair.ours.fcall("f", 0)).toBe("ü")
  })
})

/** Buffers as plain bytes, all the way down. */
function plain(reply: unknown): unknown {
  if (reply instanceof Uint8Array) return Uint8Array.from(reply)
  return Array.isArray(reply) ? reply.map(plain) : reply
}
