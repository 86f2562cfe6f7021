import { type RedisServer, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { ReplyError } from "../errors.ts"
import type { Connection, Reply } from "../transport.ts"
import { FakeTransport } from "./fake-transport.ts"
import { RequestReceipt } from "./receipt.ts"

let transport: FakeTransport
let connection: Connection

beforeEach(async () => {
  transport = new FakeTransport()
  connection = await open()
})

const open = () => transport.connect({ signal: new AbortController().signal })

/** Sends one command and gives its reply; an error reply is its message. */
function ask(command: string, over: Connection = connection): Promise<Reply> {
  const request = new RequestReceipt(command.split(" "))
  over.send([request])
  return request.reply().catch((error: Error) => error.message)
}

/** Asks one command after another and gives the replies. */
async function run(
  asker: (command: string) => Promise<unknown>,
  commands: readonly string[],
): Promise<unknown[]> {
  const replies: unknown[] = []
  for (const command of commands) replies.push(await asker(command))
  return replies
}

/** What is asked on one connection, and what Redis answers. */
const DIALOGUES: [name: string, commands: string[], replies: Reply[]][] = [
  ["PING", ["PING", "PING hello", "ping"], ["PONG", "hello", "PONG"]],
  ["SET and GET", ["SET k v", "GET k", "GET other"], ["OK", "v", null]],
  [
    "SET NX and XX",
    ["SET k a XX", "SET k b NX", "SET k c NX", "SET k d XX", "GET k"],
    [null, "OK", null, "OK", "d"],
  ],
  ["SET with nonsense", ["SET k v NONSENSE"], ["ERR syntax error"]],
  ["INCR, DECR, INCRBY", ["INCR n", "INCRBY n 10", "DECR n"], [1, 11, 10]],
  ["INCR of text", ["SET k text", "INCR k"], ["OK", "ERR value is not an integer or out of range"]],
  [
    "INCR beyond 64 bits",
    ["SET k 9223372036854775807", "INCR k", "GET k"],
    ["OK", "ERR increment or decrement would overflow", "9223372036854775807"],
  ],
  ["APPEND", ["APPEND k a", "APPEND k b", "GET k"], [1, 2, "ab"]],
  ["MGET", ["SET a 1", "HSET h f v", "MGET a missing h"], ["OK", 1, ["1", null, null]]],
  ["DEL and EXISTS", ["SET a 1", "EXISTS a a b", "DEL a b", "EXISTS a"], ["OK", 2, 1, 0]],
  ["HSET, HGET, HGETALL", ["HSET h a 1 b 2", "HSET h a 3 c 4", "HGET h a"], [2, 1, "3"]],
  ["HGETALL", ["HSET h a 1", "HGETALL h", "HGETALL missing"], [1, ["a", "1"], []]],
  ["HSET with half a pair", ["HSET h a 1 b"], ["ERR wrong number of arguments for 'hset' command"]],
  [
    "RPUSH, LPUSH, LRANGE",
    ["RPUSH l a b", "LPUSH l c", "LRANGE l 0 -1", "LRANGE l 1 1"],
    [2, 3, ["c", "a", "b"], ["a"]],
  ],
  ["FLUSHALL", ["SET a 1", "FLUSHALL", "EXISTS a"], ["OK", "OK", 0]],
  [
    "the wrong type",
    ["HSET h f v", "GET h"],
    [1, "WRONGTYPE Operation against a key holding the wrong kind of value"],
  ],
  ["the wrong number", ["GET"], ["ERR wrong number of arguments for 'get' command"]],
  ["an unknown command", ["NOSUCH key secret"], ["ERR unknown command 'NOSUCH'"]],
  ["SELECT", ["SET k zero", "SELECT 3", "GET k", "SELECT 0", "GET k"], ["OK", "OK", null, "OK", "zero"]],
  [
    "SELECT of nothing",
    ["SELECT 99", "SELECT x"],
    ["ERR DB index is out of range", "ERR value is not an integer or out of range"],
  ],
  ["MULTI and EXEC", ["MULTI", "INCR n", "INCR n", "EXEC"], ["OK", "QUEUED", "QUEUED", [1, 2]]],
  ["DISCARD", ["MULTI", "INCR n", "DISCARD", "GET n"], ["OK", "QUEUED", "OK", null]],
  ["EXEC and DISCARD alone", ["EXEC", "DISCARD"], ["ERR EXEC without MULTI", "ERR DISCARD without MULTI"]],
  [
    "a refused command in MULTI",
    ["MULTI", "NOSUCH", "INCR n", "EXEC", "EXISTS n"],
    [
      "OK",
      "ERR unknown command 'NOSUCH'",
      "QUEUED",
      "EXECABORT Transaction discarded because of previous errors.",
      0,
    ],
  ],
  ["WATCH of an untouched key", ["WATCH k", "MULTI", "SET k v", "EXEC"], ["OK", "OK", "QUEUED", ["OK"]]],
  ["WATCH and our own write", ["WATCH k", "SET k v", "MULTI", "EXEC"], ["OK", "OK", "OK", null]],
  ["UNWATCH", ["WATCH k", "SET k v", "UNWATCH", "MULTI", "EXEC"], ["OK", "OK", "OK", "OK", []]],
  ["BLPOP of a full list", ["RPUSH l a b", "BLPOP none l 0", "LRANGE l 0 -1"], [2, ["l", "a"], ["b"]]],
  ["BLPOP in a transaction", ["MULTI", "BLPOP l 0", "EXEC"], ["OK", "QUEUED", [null]]],
]

describe("a real server", () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await startRedis()
  })
  beforeEach(() => redis.command("FLUSHALL"))
  afterAll(() => redis.close())

  const askRedis = (command: string): Promise<unknown> =>
    redis.command(...command.split(" ")).catch((error: Error) => new ReplyError(error.message).message)

  it.each(DIALOGUES)("answers %s as the fake does", async (_name, commands, replies) => {
    expect(await run(askRedis, commands)).toEqual(replies)
  })
})

describe("the fake server", () => {
  it.each(DIALOGUES)("answers %s", async (_name, commands, replies) => {
    expect(await run((command) => ask(command), commands)).toEqual(replies)
  })

  it("lets BLPOP wait for a push, and what was sent after it wait too", async () => {
    const popped = ask("BLPOP l 0")
    const behind = ask("PING")
    const other = await open()
    const log: string[] = []
    void popped.then(() => log.push("popped"))
    void behind.then(() => log.push("behind"))
    await transport.host.advance(3_600_000)
    expect(log).toEqual([])

    expect(await ask("RPUSH l v", other)).toBe(1)

    expect([await popped, await behind]).toEqual([["l", "v"], "PONG"])
    expect(await ask("EXISTS l", other)).toBe(0)
  })

  it("lets BLPOP give up at its timeout, not before", async () => {
    const log: Reply[] = []
    void ask("BLPOP l 1.5").then((reply) => log.push(reply))

    await transport.host.advance(1_499)
    expect(log).toEqual([])

    await transport.host.advance(1)
    expect(log).toEqual([null])
  })

  it("gives one pushed value to one of those who wait", async () => {
    const [one, other] = [await open(), await open()]
    const log: Reply[] = []
    for (const each of [one, other]) void ask("BLPOP l 0", each).then((reply) => log.push(reply))
    await transport.host.settle()

    await ask("RPUSH l v")
    await transport.host.settle()

    expect(log).toEqual([["l", "v"]])
  })

  it("is shared by transports that are given it", async () => {
    const second = new FakeTransport({ host: transport.host, server: transport.server })
    await ask("SET k shared")

    const other = await second.connect({ signal: new AbortController().signal })

    expect(await ask("GET k", other)).toBe("shared")
  })
})
