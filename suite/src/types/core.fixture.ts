import {
  createRedis,
  type Fate,
  fateOf,
  type Lease,
  type Message,
  type Outcome,
  type Pipeline,
  type PortableRedis,
  type Redis,
  type Transport,
  WarmpoolError,
} from "@warmpool/core"

// Checked by projects.test.ts in projects of their own, never run: what users of the published package may write.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only if the promise gives exactly this. */
declare function expectReply<T>(): <R>(reply: Promise<R>, same: Same<R, T>) => void

declare const transport: Transport
declare const bytes: Uint8Array

const redis: Redis = createRedis({ transport, max: 5, retryWrites: "overwrites" })
const portable: PortableRedis = redis

expectReply<string | null>()(redis.get("k"), true)
expectReply<Uint8Array | null>()(redis.getBuffer("k"), true)
expectReply<"OK">()(redis.set("k", bytes, "PX", 5), true)
expectReply<Record<string, string>>()(portable.hgetall("h"), true)
expectReply<number>()(portable.with({ signal: AbortSignal.timeout(5), timeoutMs: 5 }).incr("n"), true)
expectReply<[string, string] | null>()(redis.blpop("l", 1), true)
expectReply<string | null>()(redis.with({ timeoutMs: 5 }).blmove("l", "m", "LEFT", "RIGHT", 1), true)
expectReply<unknown>()(redis.call("JSON.GET", "k"), true)
expectReply<Outcome[]>()(portable.pipeline().set("k", 1).getBuffer("k").hgetall("h").exec(), true)
expectReply<Outcome[] | null>()(redis.multi().incr("n").exec(), true)

export const commands: Pipeline = portable.pipeline([["get", "k"]]).get("k")

export async function leases(): Promise<number> {
  await using lease: Lease = await redis.acquire()
  expectReply<"OK">()(lease.watch("k"), true)
  expectReply<"OK">()(lease.select(1), true)
  expectReply<string | null>()(lease.get("k"), true)
  expectReply<[string, string] | null>()(lease.blpop("l", 1), true)
  expectReply<Outcome[] | null>()(lease.multi().incr("n").exec(), true)
  return redis.use(async (other) => other.wait(1, 100))
}

export async function messages(): Promise<Message | undefined> {
  for await (const message of redis.subscribe(["news"], { maxBuffered: 10 })) return message
  for await (const key of portable.scanIterator({ match: "a*" })) return { channel: key, message: "" }
  return undefined
}

export async function fates(): Promise<Fate | undefined> {
  await using client = redis
  const promise = client.incr("n")
  const add = client.defineScript("return 1", { keys: 1 })
  const off = client.on("leak", ({ stack }) => stack.length)
  off()
  try {
    await Promise.all([promise, add("k", 1)])
  } catch (error) {
    return error instanceof WarmpoolError ? error.fate : fateOf(promise)
  }
  return undefined
}

// Wrong arguments.
// @ts-expect-error
redis.get(1)
// @ts-expect-error
redis.set("k")
// @ts-expect-error
redis.set("k", { a: 1 })
// @ts-expect-error
portable.pipeline().set("k")
// @ts-expect-error
redis.gett("k")
// @ts-expect-error
redis.with({ timeout: 5 })
// @ts-expect-error
createRedis({ transport, maxConnections: 5 })
// @ts-expect-error
redis.on("error", () => undefined)

// What waits on the server is not portable, and no pipeline's.
// @ts-expect-error
portable.blpop("l", 1)
// @ts-expect-error
portable.acquire()
// @ts-expect-error
portable.subscribe("news")
// @ts-expect-error
portable.xread("BLOCK", 1, "STREAMS", "s", "$")
// @ts-expect-error
redis.pipeline().blpop("l", 1)

// What changes the connection has its place in a lease.
// @ts-expect-error
redis.watch("k")
// @ts-expect-error
redis.select(1)
// @ts-expect-error
redis.multi().watch("k")
// @ts-expect-error
redis.client("SETNAME", "n")
