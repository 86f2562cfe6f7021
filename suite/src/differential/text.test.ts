import { createRedis } from "@warmpool/core"
import { startFaultProxy } from "@warmpool/local"
import { describe, expect, it, onTestFinished } from "vitest"
import { allTransports } from "../transports.ts"
import { usePair } from "./pair.ts"

/** Of one, two, three and four bytes, and what decoders stumble over. */
const CHARACTERS = [
  "a",
  "ü",
  "€",
  "😀",
  "\u0000",
  "\ufeff",
  "\ufffd",
  "\uffff",
  "e\u0301",
  "👩‍👩‍👧‍👦",
  "\u2028",
  "מ",
]
const CHUNK = 65_536

describe.each(allTransports)("text over $name", (transport) => {
  const pair = usePair(transport)

  it.each(CHARACTERS)("survives as key, value, field and member: %j", async (character) => {
    const text = `${character}${character}x${character}`
    await pair.ours.set(text, text)
    await pair.ours.hset(`${text}h`, { [text]: text })
    await pair.ours.sadd(`${text}s`, text)

    expect(await pair.ours.get(text)).toBe(text)
    expect(await pair.ours.hgetall(`${text}h`)).toEqual({ [text]: text })
    expect(Object.keys(await pair.ours.hgetallBuffer(`${text}h`))).toEqual([text])
    expect(await pair.ours.smembers(`${text}s`)).toEqual([text])
    expect(await pair.ours.multi().get(text).getBuffer(text).exec()).toEqual([
      [null, text],
      [null, new TextEncoder().encode(text)],
    ])
    expect(await pair.theirs.get(text)).toBe(text)
    expect((await pair.theirs.keys("*")).sort()).toEqual([text, `${text}h`, `${text}s`].sort())
  })

  it.each(CHARACTERS)("survives however chunks cut it: %j", async (character) => {
    const width = Buffer.byteLength(character)
    const lines = Array.from({ length: width + 1 }, (_, shift) => {
      const count = Math.ceil((3 * CHUNK) / width)
      return "x".repeat(shift) + character.repeat(count)
    })

    await Promise.all(lines.map((line, n) => pair.ours.set(`line${n}`, line)))
    const kept = await Promise.all(lines.map((_, n) => pair.ours.get(`line${n}`)))
    const together = await pair.ours.mget(lines.map((_, n) => `line${n}`))

    for (const [n, line] of lines.entries()) {
      expect(kept[n] === line).toBe(true)
      expect(together[n] === line).toBe(true)
    }
  })

  it("survives in chunks of a few bytes", async () => {
    const { hostname, port } = new URL(pair.url)
    const proxy = await startFaultProxy({ target: { host: hostname, port: Number(port) } })
    const redis = createRedis({ transport: transport.open(proxy.url(pair.url)), commandTimeoutMs: 10_000 })
    onTestFinished(async () => {
      await redis.close()
      await proxy.close()
    })
    const text = "aü€😀".repeat(50)
    await redis.rpush("l", text, "", "😀", text)
    proxy.throttle(20_000)

    const kept = await Promise.all([redis.lrange("l", 0, -1), redis.get("missing"), redis.llen("l")])

    expect(kept).toEqual([[text, "", "😀", text], null, 4])
  })

  it("that is no UTF-8 is read as ioredis reads it", async () => {
    const broken = [
      [255],
      [0xc3],
      [0xc3, 0x28],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 128, 128],
    ]
    const values = broken.map((bytes) => Buffer.from([97, ...bytes, 98]))
    await pair.theirs.rpush("l", ...values, ...values.map((value) => Buffer.concat(Array(50).fill(value))))

    expect(await pair.ours.lrange("l", 0, -1)).toEqual(await pair.theirs.lrange("l", 0, -1))
  })

  it("may be empty anywhere", async () => {
    await pair.ours.mset("", "", "k", "")
    await pair.ours.hset("h", { "": "" })

    expect(await pair.ours.mget("", "k", "missing")).toEqual(["", "", null])
    expect(await pair.ours.hgetall("h")).toEqual({ "": "" })
    expect(await pair.ours.echo("")).toBe("")
    expect(await pair.ours.getBuffer("")).toEqual(new Uint8Array())
    expect(await pair.ours.lrange("missing", 0, -1)).toEqual([])
    expect(await pair.ours.eval("return {{}, {''}, {false, {false}}}", 0)).toEqual([[], [""], [null, [null]]])
  })

  it("is nested as deep as the server nests it", async () => {
    const depth = 100
    const lua = `local t = 'deep'; for i = 1, ${depth} do t = {t, i} end; return t`

    const [ours, theirs] = await Promise.all([pair.ours.eval(lua, 0), pair.theirs.eval(lua, 0)])

    expect(ours).toEqual(theirs)
    expect(JSON.stringify(ours).match(/\[/g)).toHaveLength(depth)
  })
})
