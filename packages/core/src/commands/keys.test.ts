import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { keyPatternPositions, keyPositions } from "./keys.ts"
import { specOf } from "./table.ts"

/** Words of a call, by spaces; `''` stands for an empty argument. */
const CALLS = `
  GET k
  SET k v EX 10
  GETRANGE k 0 1
  APPEND k v
  DEL a b c
  UNLINK a
  EXISTS a b
  TOUCH a b
  MGET a b c
  MSET a 1 b 2
  MSETNX a 1 b 2
  RENAME a b
  COPY a b DB 1
  BITOP AND d a b
  BITCOUNT k
  BITFIELD k GET u8 0
  PFADD k a
  PFCOUNT a b
  PFMERGE d a b
  LPUSH k a b
  LMOVE a b LEFT RIGHT
  RPOPLPUSH a b
  BLMOVE a b LEFT RIGHT 0
  BRPOPLPUSH a b 0
  BLPOP a b 0
  BRPOP a 0
  LMPOP 2 a b LEFT COUNT 3
  BLMPOP 0 2 a b RIGHT
  LINSERT k BEFORE a b
  SADD k a
  SMOVE a b m
  SDIFF a b
  SDIFFSTORE d a b
  SINTERSTORE d a
  SUNIONSTORE d a b
  SINTER a b
  SINTERCARD 2 a b LIMIT 1
  HSET k f v
  HRANDFIELD k 1
  ZADD k NX 1 a
  ZRANGE k 0 -1
  ZRANGESTORE d s 0 -1
  ZUNION 2 a b WEIGHTS 1 2
  ZINTER 1 a
  ZDIFF 2 a b WITHSCORES
  ZUNIONSTORE d 2 a b WEIGHTS 1 2
  ZINTERSTORE d 1 a
  ZDIFFSTORE d 2 a b
  ZINTERCARD 2 a b
  ZMPOP 2 a b MIN
  BZMPOP 0 1 a MAX
  BZPOPMIN a b 0
  BZPOPMAX a 0
  GEOADD k 1 2 m
  GEORADIUS k 1 2 3 m
  GEORADIUS k 1 2 3 m STORE d
  GEORADIUS k 1 2 3 m STORE d STOREDIST e
  GEORADIUSBYMEMBER k m 1 km STOREDIST d
  GEORADIUS_RO k 1 2 3 m
  GEOSEARCHSTORE d s FROMMEMBER m BYRADIUS 1 m
  SORT k
  SORT k BY w_* GET o_* GET # STORE d
  SORT k BY store GET store
  SORT k LIMIT 0 store STORE d
  SORT_RO k BY w_* GET o_*
  EVAL s 0 a b
  EVAL s 2 a b x y
  EVALSHA s 1 a x
  EVAL_RO s 1 a
  EVALSHA_RO s 1 a
  FCALL f 2 a b x
  FCALL_RO f 1 a
  XADD k * f v
  XREAD STREAMS a b 0 0
  XREAD COUNT 1 BLOCK 0 STREAMS a $
  XREADGROUP GROUP g c STREAMS a >
  XREADGROUP GROUP streams block COUNT 1 NOACK STREAMS a b > >
  XGROUP CREATE k g $
  XGROUP DELCONSUMER k g c
  XINFO STREAM k
  XINFO GROUPS k
  XACK k g 1-1
  XAUTOCLAIM k g c 0 0
  OBJECT ENCODING k
  OBJECT FREQ k
  MEMORY USAGE k SAMPLES 5
  MIGRATE h 1 k 0 10
  MIGRATE h 1 k 0 10 AUTH keys
  MIGRATE h 1 '' 0 10 KEYS a b
  MIGRATE h 1 '' 0 10 COPY REPLACE AUTH keys KEYS a b
  MIGRATE h 1 '' 0 10 AUTH2 keys keys KEYS a
  WATCH a b
  DUMP k
  RESTORE k 0 x
  RESTORE-ASKING k 0 x
  EXPIRE k 1
  LCS a b
  PFDEBUG ENCODING k
  SETRANGE k 0 v
  SUBSTR k 0 1
`

/** Calls in which the server finds no keys, some by an error. */
const KEYLESS = `
  PING
  PUBLISH c m
  SCAN 0
  EVAL s -1 a
  EVAL s 2 a
  EVAL s x a
  XREAD COUNT 1
  XINFO HELP
  OBJECT HELP
  MEMORY DOCTOR
  CONFIG GET x
  CLIENT LIST
  SELECT 1
  FLUSHALL
  INFO
  SCRIPT LOAD s
`

function callsOf(text: string): string[][] {
  const lines = text.trim().split("\n")
  return lines.map((line) =>
    line
      .trim()
      .split(" ")
      .map((word) => (word === "''" ? "" : word)),
  )
}

function keysOf(args: readonly string[]): (string | undefined)[] {
  return keyPositions(specOf(args[0] ?? ""), args).map((index) => args[index])
}

describe("keyPositions against COMMAND GETKEYS", () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it.each(callsOf(CALLS).map((args) => [args.join(" "), args] as const))("agrees on %s", async (_, args) => {
    const theirs = await redis.command("COMMAND", "GETKEYS", ...args)

    expect(keysOf(args)).toEqual(theirs)
  })

  it.each(callsOf(KEYLESS).map((args) => [args.join(" "), args] as const))(
    "finds none in %s",
    async (_, args) => {
      const theirs = await redis.command("COMMAND", "GETKEYS", ...args).catch(() => [])

      expect(keysOf(args)).toEqual([])
      expect(theirs).toEqual([])
    },
  )
})

describe("keyPositions", () => {
  it.each([
    [
      ["MSETEX", "2", "a", "1", "b", "2", "EX", "10"],
      [2, 4],
    ],
    [
      ["SUNIONCARD", "2", "a", "b"],
      [2, 3],
    ],
    [
      ["BLMOVEM", "a", "b", "LEFT", "RIGHT", "0", "COUNT", "2"],
      [1, 2],
    ],
    [["HGETEX", "k", "FIELDS", "1", "f"], [1]],
    [["HIMPORT", "SET", "k", "f", "v"], [2]],
    [["HIMPORT", "PREPARE", "name", "f"], []],
    [["VSIM", "k", "ELE", "e"], [1]],
    [["SPUBLISH", "channel", "m"], [1]],
    [["JSON.SET", "k", "$", "1"], []],
  ])("knows the commands of newer servers: %j", (args, positions) => {
    expect(keyPositions(specOf(args[0] ?? ""), args)).toEqual(positions)
  })

  it("reads counts and options given as bytes", () => {
    const bytes = (text: string) => new TextEncoder().encode(text)

    expect(keyPositions(specOf("eval"), ["EVAL", "s", bytes("1"), "a", "b"])).toEqual([3])
    expect(keyPositions(specOf("sort"), ["SORT", "k", bytes("store"), "d"])).toEqual([1, 3])
    expect(keyPositions(specOf("object"), ["OBJECT", bytes("encoding"), "k"])).toEqual([2])
  })

  it("is not led astray by names that objects have", () => {
    expect(keyPositions(specOf("sort"), ["SORT", "k", "constructor", "STORE", "d"])).toEqual([1, 4])
    expect(keyPositions(specOf("xread"), ["XREAD", "constructor", "STREAMS", "a", "0"])).toEqual([3])
    expect(keyPositions(specOf("memory"), ["MEMORY", "usage stats", "k"])).toEqual([])
  })

  it("finds nothing in a call without arguments", () => {
    for (const name of [
      "get",
      "eval",
      "xread",
      "sort",
      "migrate",
      "object",
      "zunionstore",
      "georadius",
      "mset",
    ]) {
      expect(keyPositions(specOf(name), [name.toUpperCase()])).toEqual([])
    }
  })
})

describe("keyPatternPositions", () => {
  it("finds the patterns of BY and GET, which name keys, but not GET's own mark", () => {
    const args = "SORT k BY w_* LIMIT 0 by GET o_* GET # STORE d".split(" ")

    expect(keyPatternPositions(specOf("sort"), args)).toEqual([3, 8])
    expect(keyPatternPositions(specOf("get"), ["GET", "by"])).toEqual([])
  })
})
