import { createRedis } from "@warmpool/lambda"
import type { Redis as Ioredis } from "ioredis"

/** What code written for ioredis calls, and our types do not have. */
export interface OldWays {
  readonly status: string
  get(...args: unknown[]): unknown
  set(...args: unknown[]): unknown
  watch(...args: unknown[]): unknown
  select(...args: unknown[]): unknown
  auth(...args: unknown[]): unknown
  client(...args: unknown[]): unknown
  wait(...args: unknown[]): unknown
  on(...args: unknown[]): unknown
  once(...args: unknown[]): unknown
  multi(...args: unknown[]): unknown
  pipeline(): { get(...args: unknown[]): { exec(...args: unknown[]): unknown } }
  subscribe(...args: unknown[]): unknown
  unsubscribe(...args: unknown[]): unknown
  defineCommand(...args: unknown[]): unknown
  scanStream(...args: unknown[]): unknown
  duplicate(): unknown
  connect(): unknown
  disconnect(): unknown
  quit(): unknown
  monitor(): unknown
}

const callback = (): void => undefined
const listener = callback
const lua = "return 1"

/** The old way of each row of the page, by the code in its first column. */
export const CALLS: Readonly<Record<string, (redis: OldWays) => unknown>> = {
  'new Redis("redis://localhost")': () => Reflect.apply(createRedis, undefined, ["redis://localhost"]),
  'new Redis("redis://localhost", { tls: {} })': () => createRedis({ url: "redis://localhost", tls: {} }),
  'new Redis("redis://localhost?family=6")': () => createRedis({ url: "redis://localhost?family=6" }),
  'redis.get("k", callback)': (redis) => redis.get("k", callback),
  'pipeline.get("k", callback)': (redis) => redis.pipeline().get("k", callback),
  "pipeline.exec(callback)": (redis) => redis.pipeline().get("k").exec(callback),
  "redis.multi({ pipeline: false })": (redis) => redis.multi({ pipeline: false }),
  'redis.watch("k")': (redis) => redis.watch("k"),
  "redis.select(1)": (redis) => redis.select(1),
  'redis.auth("secret")': (redis) => redis.auth("secret"),
  'redis.client("SETNAME", "me")': (redis) => redis.client("SETNAME", "me"),
  "redis.wait(1, 100)": (redis) => redis.wait(1, 100),
  'redis.set("k", { a: 1 })': (redis) => redis.set("k", { a: 1 }),
  'redis.defineCommand("add", { lua, numberOfKeys: 1 })': (redis) =>
    redis.defineCommand("add", { lua, numberOfKeys: 1 }),
  "redis.scanStream({ match })": (redis) => redis.scanStream({ match: "*" }),
  "redis.duplicate()": (redis) => redis.duplicate(),
  "redis.connect()": (redis) => redis.connect(),
  "redis.quit()": (redis) => redis.quit(),
  "redis.disconnect()": (redis) => redis.disconnect(),
  "redis.status.toUpperCase()": (redis) => redis.status.toUpperCase(),
  "redis.monitor()": (redis) => redis.monitor(),
  'redis.subscribe("a", "b")': (redis) => redis.subscribe("a", "b"),
  'redis.subscribe("a", callback)': (redis) => redis.subscribe("a", callback),
  'redis.on("message", listener)': (redis) => redis.on("message", listener),
  'redis.unsubscribe("a")': (redis) => redis.unsubscribe("a"),
  'redis.on("error", listener)': (redis) => redis.on("error", listener),
  'redis.on("ready", listener)': (redis) => redis.on("ready", listener),
  'redis.once("ready", listener)': (redis) => redis.once("ready", listener),
}

type Same = (redis: Ioredis) => Promise<unknown>

/** Code that both clients run, and whose outcome is the same. */
export const SAME: Readonly<Record<string, Same>> = {
  "arguments in arrays, numbers, null": async (redis) => [
    await redis.mset("a", 1, "b", 2.5),
    await redis.set("c", null as unknown as string),
    await redis.mget(["a", "b", "c"]),
    await redis.del(["a", "b"]),
  ],
  "objects and Maps": async (redis) => [
    await redis.mset({ a: 1, b: "2" }),
    await redis.msetnx(new Map([["a", "1"]])),
    await redis.hset("h", { f: "1" }),
    await redis.hset("h", new Map([["g", "2"]])),
    await redis.hmset("h", { i: 3 }),
    await redis.hgetall("h"),
    await redis.hgetall("none"),
  ],
  bytes: async (redis) => {
    await redis.set("k", Buffer.from([0xff, 0x00]))
    const text = await redis.callBuffer("GET", "k")
    return [
      [...((await redis.getBuffer("k")) ?? [])],
      [...(text as Uint8Array)],
      await redis.getBuffer("none"),
    ]
  },
  call: async (redis) => [
    await redis.hset("h", "f", "1"),
    await redis.call("HGETALL", "h"),
    await redis.call("zadd", "z", 1, "one"),
    await redis.call("zrange", ["z", 0, -1, "WITHSCORES"]),
  ],
  "a chained pipeline": async (redis) => {
    const outcomes = await redis.pipeline().set("k", "word").incr("k").get("k").hgetall("h").exec()
    return outcomes?.map(([error, reply]) => [error?.name, error?.message, reply])
  },
  "a pipeline from an array": (redis) =>
    redis
      .pipeline([
        ["set", "k", "1"],
        ["incr", "k"],
      ])
      .exec() as Promise<unknown>,
  "a transaction": (redis) => redis.multi().set("k", "1").incr("k").lrange("l", 0, -1).exec(),
  "a transaction from an array": (redis) =>
    redis
      .multi([
        ["set", "k", "1"],
        ["get", "k"],
      ])
      .exec(),
  "an aborted transaction": async (redis) => {
    const error = await redis
      .multi()
      .set("k", "1")
      .call("GET")
      .exec()
      .catch((reason: Error & { previousErrors: Error[] }) => reason)
    if (!(error instanceof Error)) return "no error"
    return [error.name, error.message, error.previousErrors.map(({ message }) => message)]
  },
  "an error reply": (redis) =>
    redis
      .set("k", "word")
      .then(() => redis.lpush("k", "x"))
      .catch(({ name, message }: Error) => [name, message]),
  "replies that are not transformed": async (redis) => [
    await redis.zadd("z", 1, "one", 2, "two"),
    await redis.zrangebyscore("z", 0, 5, "WITHSCORES"),
    await redis.config("GET", "maxmemory"),
    await redis.expire("z", 10),
    await redis.exists("z", "none"),
    await redis.xadd("x", "1-1", "f", "v"),
    await redis.xrange("x", "-", "+"),
    await redis.geoadd("g", 13.361389, 38.115556, "Palermo"),
    await redis.geopos("g", "Palermo", "none"),
  ],
}
