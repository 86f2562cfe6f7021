import type { BlockingCommands, PortableCommands, StatefulCommands } from "./types.ts"

// Checked by types.test.ts under three sets of libraries; never run. Each line says what users may write.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only if the promise gives exactly this. */
declare function expectReply<T>(): <R>(reply: Promise<R>, same: Same<R, T>) => void

interface PortableRedis extends PortableCommands<"promise"> {
  close(): Promise<void>
}
interface Redis extends BlockingCommands<"promise"> {
  close(): Promise<void>
}
interface Lease extends StatefulCommands<"promise"> {
  release(): void
}
interface Pipeline extends PortableCommands<"pipeline"> {
  exec(): Promise<[Error | null, unknown][]>
}
interface User {
  name: string
  age: number
}

declare const redis: Redis
declare const portable: PortableRedis
declare const lease: Lease
declare const pipeline: Pipeline
declare const bytes: Uint8Array
declare const user: User

export const widened: PortableRedis = redis

expectReply<string | null>()(redis.get("k"), true)
expectReply<Uint8Array | null>()(redis.getBuffer(bytes), true)
expectReply<"OK">()(redis.set("k", 1), true)
expectReply<"OK">()(redis.set("k", bytes, "PX", 5n), true)
expectReply<"OK" | null>()(redis.set("k", "v", "EX", 10, "NX"), true)
expectReply<"OK" | null>()(redis.set("k", "v", "IFEQ", "old"), true)
expectReply<string | null>()(redis.set("k", "v", "GET"), true)
expectReply<Uint8Array | null>()(redis.setBuffer("k", "v", "GET"), true)
expectReply<number>()(redis.incr("k"), true)
expectReply<number>()(redis.del("a", "b"), true)
expectReply<number>()(redis.del(["a", "b"]), true)
expectReply<number>()(redis.del(["a", bytes] as const), true)
expectReply<(string | null)[]>()(redis.mget("a", ["b"]), true)
expectReply<(Uint8Array | null)[]>()(redis.mgetBuffer("a"), true)
expectReply<"OK">()(redis.mset({ a: 1 }), true)
expectReply<"OK">()(redis.mset(new Map([["a", 1]])), true)
expectReply<"OK">()(redis.mset("a", 1, "b", bytes), true)
expectReply<number>()(redis.hset("h", user), true)
expectReply<number>()(redis.hset("h", { a: 1 }), true)
expectReply<number>()(redis.hset("h", "f", "v"), true)
expectReply<"OK">()(redis.hmset("h", new Map([["f", "v"]])), true)
expectReply<Record<string, string>>()(redis.hgetall("h"), true)
expectReply<Record<string, Uint8Array>>()(redis.hgetallBuffer("h"), true)
expectReply<string | null>()(redis.hrandfield("h"), true)
expectReply<string[]>()(redis.hrandfield("h", 2), true)
expectReply<string[]>()(redis.zrange("z", 0, -1), true)
expectReply<string[]>()(redis.zrange("z", 0, -1, "WITHSCORES"), true)
expectReply<string[]>()(redis.zrange("z", "-inf", "+inf", "BYSCORE", "LIMIT", 0, 10), true)
expectReply<string[]>()(redis.zrevrange("z", 0, -1), true)
expectReply<number>()(redis.zadd("z", 1, "a", 2, "b"), true)
expectReply<string | null>()(redis.zadd("z", "GT", "INCR", 1, "a"), true)
expectReply<string | null>()(redis.zscore("z", "a"), true)
expectReply<string[]>()(redis.zunion(2, "a", "b", "WITHSCORES"), true)
expectReply<string[]>()(redis.zunion(2, ["a", "b"]), true)
expectReply<[cursor: string, elements: string[]]>()(redis.scan(0, "MATCH", "a*", "COUNT", 10), true)
expectReply<string[]>()(redis.sort("l", "ALPHA"), true)
expectReply<(string | null)[]>()(redis.sort("l", "BY", "w_*", "GET", "#"), true)
expectReply<number>()(redis.sort("l", "STORE", "target"), true)
expectReply<[seconds: string, microseconds: string]>()(redis.time(), true)
expectReply<string | null>()(redis.xadd("s", "MAXLEN", "~", 10, "*", "f", "v"), true)
expectReply<[key: string, items: [id: string, fields: string[]][]][] | null>()(
  redis.xread("BLOCK", 100, "STREAMS", "s", "$"),
  true,
)
expectReply<[string, string] | null>()(redis.blpop("l", 1), true)
expectReply<[string, string] | null>()(redis.blpop("a", "b", 1.5), true)
expectReply<string[]>()(redis.config("GET", "max*"), true)
expectReply<string>()(redis.client("LIST"), true)
expectReply<string>()(redis.script("LOAD", "return 1"), true)
expectReply<number>()(redis.expire("k", 10, "NX"), true)
expectReply<string | null>()(redis.lpop("l"), true)
expectReply<string[] | null>()(redis.lpop("l", 2), true)
expectReply<unknown>()(redis.eval("return 1", 1, "k", bytes), true)
expectReply<unknown>()(redis.evalBuffer("return 1", 0), true)
expectReply<unknown>()(redis.call("JSON.SET", "k", ["$", "{}"]), true)
expectReply<unknown>()(redis.callBuffer("GET", "k"), true)
expectReply<(number | null)[]>()(redis.bitfield("b", "GET", "u8", 0), true)
expectReply<(number | null)[]>()(
  redis.bitfield("b", "OVERFLOW", "SAT", "INCRBY", "u8", 0, 9, "GET", "u8", 0),
  true,
)
expectReply<number[]>()(redis.bitfield_ro("b", "GET", "u8", 0), true)
expectReply<"PONG">()(redis.ping(), true)
expectReply<number>()(redis.publish("channel", "m"), true)

expectReply<"OK">()(lease.watch("a", "b"), true)
expectReply<"OK">()(lease.select(1), true)
expectReply<number>()(lease.wait(1, 100), true)
expectReply<"OK">()(lease.client("SETNAME", "n"), true)
expectReply<string>()(lease.client("LIST"), true)
expectReply<string | null>()(lease.get("k"), true)
expectReply<[string, string] | null>()(lease.blpop("l", 1), true)

export const results: Promise<[Error | null, unknown][]> = pipeline.set("k", 1).get("k").hgetall("h").exec()

// A reply may not be taken for something else.
// @ts-expect-error
expectReply<string>()(redis.get("k"), true)

// Nothing to say, or the wrong thing.
// @ts-expect-error
redis.get()
// @ts-expect-error
redis.get(1)
// @ts-expect-error
redis.get("k", "k2")
// @ts-expect-error
redis.set("k")
// @ts-expect-error
redis.set("k", { a: 1 })
// @ts-expect-error
redis.set("k", null)
// @ts-expect-error
redis.set("k", "v", "EXX", 1)
// @ts-expect-error
redis.set("k", "v", "EX")
// @ts-expect-error
redis.expire("k")
// @ts-expect-error
redis.expire("k", 1, undefined)
// @ts-expect-error
redis.gett("k")
// @ts-expect-error
redis.del([["a"]])
// @ts-expect-error
redis.bitfield("b", "SET", "u8", 0)

// Callbacks are not taken.
// @ts-expect-error
redis.get("k", (_error: unknown, _reply: unknown) => {})

// What blocks or changes the connection stands where it works.
// @ts-expect-error
portable.blpop("l", 1)
// @ts-expect-error
portable.xread("BLOCK", 100, "STREAMS", "s", "$")
portable.xread("COUNT", 1, "STREAMS", "s", "0")
// @ts-expect-error
pipeline.blpop("l", 1)
// @ts-expect-error
redis.watch("k")
// @ts-expect-error
redis.select(1)
// @ts-expect-error
redis.client("SETNAME", "n")
// @ts-expect-error
lease.client("REPLY", "OFF")
// @ts-expect-error
lease.subscribe("c")
// @ts-expect-error
lease.hello(3)
// @ts-expect-error
redis.multi()
