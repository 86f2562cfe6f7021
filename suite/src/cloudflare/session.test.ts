import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  ask,
  askAndHangUp,
  BOUND,
  bundle,
  connectionsReceived,
  DIRECT,
  directUrl,
  type Stage,
  startStage,
  worker,
} from "./rig.ts"

let stage: Stage

beforeAll(async () => {
  stage = await startStage({ app: "tasks.fixture.ts", way: "binding" })
})
afterAll(() => stage[Symbol.asyncDispose]())

async function subscribers(channel: string): Promise<unknown> {
  return stage.redis.command("PUBSUB", "NUMSUB", channel)
}

/** Connections on which a command waits. */
async function blockedOnes(): Promise<number> {
  return (await stage.redis.clients()).filter(({ flags = "" }) => flags.includes("b")).length
}

describe("a session in the pool", () => {
  it("watches keys, runs transactions and changes the database, and leaves nothing behind", async () => {
    expect(await ask(stage, "watch")).toEqual({
      lost: null,
      won: [
        [null, "OK"],
        [null, "mine"],
      ],
      elsewhere: null,
    })
    expect(await ask(stage, "incr", "db0")).toBe(1)
    expect(await stage.redis.command("GET", "db0")).toBe("1")
  })

  it("blocks without holding up the others", async () => {
    const blocked = ask(stage, "blpop", "list", 10)
    await expect.poll(() => blockedOnes()).toBe(1)

    expect(await ask(stage, "incr", "meanwhile")).toBe(1)
    await stage.redis.command("RPUSH", "list", "woken")

    expect(await blocked).toEqual(["list", "woken"])
  })

  it("ends with its caller: nothing is popped for somebody who is gone", async () => {
    const blocked = askAndHangUp(stage, "blpop", "left", 60)
    await expect.poll(() => blockedOnes()).toBe(1)

    blocked.hangUp()
    await expect.poll(() => blockedOnes()).toBe(0)

    await stage.redis.command("RPUSH", "left", "kept")
    expect(await stage.redis.command("LLEN", "left")).toBe(1)
  })

  it("is free for the next caller once its invocation has ended", async () => {
    const pool = { REDIS_POOL_OPTIONS: { max: 2 } }
    await using single = await startStage({ app: "one-lease.fixture.ts", way: "binding", pool })
    const before = await connectionsReceived(single.redis)
    const told: string[] = []

    for (let n = 0; n < 3; n += 1) {
      const response = await fetch(single.url)
      told.push(`${response.status} ${await response.text()}`)
    }

    expect(told).toEqual(["204 ", "204 ", "204 "])
    expect((await connectionsReceived(single.redis)) - before).toBe(1)
  })

  it("says why there is no lease", async () => {
    const blocked = Array.from({ length: 4 }, (_, n) => ask(stage, "blpop", `full${n}`, 10))
    await expect.poll(() => blockedOnes()).toBe(4)

    const told = await ask(stage, "blpop", "fifth", 0.1)
    for (let n = 0; n < 4; n += 1) await stage.redis.command("RPUSH", `full${n}`, "x")
    await Promise.all(blocked)

    expect(told).toMatch(
      /^AcquireTimeoutError: no lease in \d+ ms \(4 of 4 leased\): raise max, or release sooner/,
    )
  })
})

describe("what was given back by a caller that lives on", () => {
  let rooms: Stage
  beforeAll(async () => {
    rooms = await startStage({
      app: "rooms.fixture.ts",
      way: "binding",
      options: { durableObjects: { ROOM: { className: "Room", useSQLite: true } } },
    })
  })
  afterAll(() => rooms[Symbol.asyncDispose]())

  const enter = async (room: string): Promise<unknown> => (await fetch(new URL(room, rooms.url))).json()

  it("is free for others at once, if it was a lease", async () => {
    const told: unknown[] = []

    for (const room of ["a", "b", "c", "d", "e", "f", "a"]) told.push(await enter(room))

    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it("is left on the server, if it was a subscription", async () => {
    const count = () => rooms.redis.command("PUBSUB", "NUMSUB", "rooms")
    const heard = enter("a?listen")
    await expect.poll(count).toEqual(["rooms", 1])

    await rooms.redis.command("PUBLISH", "rooms", "hello")

    expect(await heard).toBe("hello")
    await expect.poll(count).toEqual(["rooms", 0])
  })
})

describe("a lease that there was none for", () => {
  it("is asked for anew with the next command", async () => {
    const pool = { REDIS_POOL_OPTIONS: { max: 2 } }
    await using single = await startStage({ app: "tasks.fixture.ts", way: "binding", pool })
    const { redis } = single
    const holder = ask(single, "blpop", "held", 10)
    await expect
      .poll(async () => (await redis.clients()).some(({ flags = "" }) => flags.includes("b")))
      .toBe(true)

    const told = ask(single, "blpopAgain", "list")
    await expect.poll(() => redis.command("GET", "first"), { timeout: 5_000 }).toBe("over")
    await redis.command("RPUSH", "held", "x")
    await holder
    await redis.command("SET", "free", "yes")

    expect(await told).toEqual([expect.stringMatching(/^AcquireTimeoutError: /), null])
  })
})

describe("subscriptions through the pool", () => {
  it("bring messages, and end with their reader", async () => {
    const messages = ask(stage, "messages", "news", 2)
    await expect.poll(() => subscribers("news")).toEqual(["news", 1])

    await stage.redis.command("PUBLISH", "news", "one")
    await stage.redis.command("PUBLISH", "news", "zwei — ☃")

    expect(await messages).toEqual([
      { channel: "news", message: "one" },
      { channel: "news", message: "zwei — ☃" },
    ])
    await expect.poll(() => subscribers("news")).toEqual(["news", 0])
  })

  it("share one connection, and take no lease from others", async () => {
    const all = Array.from({ length: 8 }, (_, n) => ask(stage, "messages", `shared${n}`, 1))
    await expect.poll(() => subscribers("shared7")).toEqual(["shared7", 1])
    await expect
      .poll(async () => (await stage.redis.clients()).filter(({ sub }) => sub === "8").length)
      .toBe(1)

    expect(await ask(stage, "watch")).toMatchObject({ lost: null })
    for (let n = 0; n < 8; n += 1) await stage.redis.command("PUBLISH", `shared${n}`, `${n}`)

    expect(await Promise.all(all)).toHaveLength(8)
  })

  it("end when their caller is gone", async () => {
    const reading = askAndHangUp(stage, "messages", "gone")
    await expect.poll(() => subscribers("gone")).toEqual(["gone", 1])

    reading.hangUp()

    await expect.poll(() => subscribers("gone")).toEqual(["gone", 0])
  })

  it("are made anew when the pool loses its connection", async () => {
    const messages = ask(stage, "messages", "again", 1)
    await expect.poll(() => subscribers("again")).toEqual(["again", 1])

    await stage.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
    await expect.poll(() => subscribers("again"), { timeout: 10_000 }).toEqual(["again", 1])
    await stage.redis.command("PUBLISH", "again", "here")

    expect(await messages).toEqual([{ channel: "again", message: "here" }])
  })
})

describe("a reply that is too large for a call", () => {
  it("fails alone, and is not asked for again and again", async () => {
    await stage.redis.command("SETRANGE", "vast", 33 * 1024 * 1024, "x")
    await stage.redis.command("CONFIG", "RESETSTAT")

    const told = await ask(stage, "lengths", "vast", "none")
    await stage.redis.command("DEL", "vast")

    expect(told).toEqual([expect.stringMatching(/^UnsupportedCommandError: it ran, .*32 MiB at most/), 0])
    expect(await stage.redis.command("INFO", "commandstats")).toMatch(/cmdstat_get:calls=2,/)
  })
})

describe("the binding itself", () => {
  let direct: URL

  async function call(...calls: readonly unknown[][]): Promise<unknown> {
    const response = await fetch(direct, { method: "POST", body: JSON.stringify(calls) })
    return response.json()
  }

  beforeAll(async () => {
    const script = await bundle("direct.fixture.ts")
    const { workers = [] } = stage.options
    await stage.runtime.setOptions({
      workers: [worker("app", script, { ...DIRECT, serviceBindings: BOUND }), ...workers.slice(1)],
    })
    direct = await directUrl(stage.runtime)
  })

  it("has every command as a method", async () => {
    const outcomes = await call(
      ["set", "direct", "v"],
      ["get", "direct"],
      ["getBuffer", "direct"],
      ["hset", "h", { a: 1, b: "x" }],
      ["hgetall", "h"],
      ["incrby", "n9", "9007199254740993"],
      ["mset", { k1: "a", k2: "b" }],
      ["mget", ["k1", "k2", "none"]],
      ["call", "HGETALL", "h"],
      ["blpop", "nothing", 0.01],
    )

    expect(outcomes).toEqual([
      "OK",
      "v",
      { bytes: [118] },
      2,
      { a: "1", b: "x" },
      "9007199254740993",
      "OK",
      ["a", "b", null],
      ["a", "1", "b", "x"],
      null,
    ])
  })

  it("tells errors as errors, without what they would show", async () => {
    const [, wrong, stateful, unknown, reserved] = (await call(
      ["set", "text", "secret-value"],
      ["incr", "text"],
      ["select", 1],
      ["nosuch", "secret-value"],
      ["dup", "x"],
    )) as string[]

    expect(wrong).toBe("ReplyError: ERR value is not an integer or out of range")
    expect(stateful).toMatch(/^UnsupportedCommandError: SELECT changes the connection/)
    expect(unknown).toBe('TypeError: The RPC receiver does not implement the method "nosuch".')
    expect(reserved).toMatch(/reserved/)
  })

  it("takes no batch that would garble the connection for others", async () => {
    const batches: readonly unknown[] = [
      { sent: [["text", ["SET", "garbled", 5]]], patienceMs: 1_000 },
      { sent: [["text", ["SET", "garbled", null]]], patienceMs: 1_000 },
      { sent: [["text", [["SET", "garbled", "v"], []]]], patienceMs: 1_000 },
      { sent: [["text", [["SET", "garbled", "v"], "GET"]]], patienceMs: 1_000 },
      { sent: [["text", ["GET", ["garbled"]]]], patienceMs: 1_000 },
      { sent: ["text"], patienceMs: 1_000 },
      { sent: [["text", ["GET", "garbled"]]], patienceMs: "soon" },
      { sent: [["other", ["GET", "garbled"]]], patienceMs: 1_000 },
      { patienceMs: 1_000 },
    ]

    for (const batch of batches)
      expect(await call(["exchange", 0, batch], ["set", "after", "v"])).toEqual([
        {
          name: "ArgumentError",
          message: expect.stringContaining("arrays of strings and bytes"),
        },
        "OK",
      ])
    expect(await call(["get", "garbled"])).toEqual([null])
  })

  it("keeps to its shards", async () => {
    const batch = { sent: [["text", ["PING"]]], patienceMs: 1_000 }

    expect(await call(["exchange", 0.99, batch])).toEqual([["PONG"]])
    for (const shard of [1, -0.1, null, "0.5x"])
      expect(await call(["exchange", shard, batch])).toEqual([
        { name: "ArgumentError", message: "the pool takes a shard from 0 to below 1" },
      ])
  })

  it("does nothing that is no command", async () => {
    const outcomes = (await call(["close"], ["drain"], ["acquire"], ["#object", 1])) as string[]

    for (const outcome of outcomes) expect(outcome).toMatch(/does not implement the method/)
  })
})

describe("a reader that is too far behind", () => {
  it("is told so, not left waiting", async () => {
    await using slow = await startStage({
      app: "unread.fixture.ts",
      way: "binding",
      options: { serviceBindings: BOUND },
    })

    const told = await (await fetch(slow.url)).text()

    expect(told).toBe("cut off")
  })
})

describe("the pool's objects themselves", () => {
  it("run commands, and nothing else of their client", async () => {
    const script = await bundle("namespace.fixture.ts")
    const { workers = [] } = stage.options
    const objects = { POOL: { className: "RedisPool", scriptName: "redis-pool", useSQLite: true } }
    await stage.runtime.setOptions({
      workers: [worker("app", script, { ...DIRECT, durableObjects: objects }), ...workers.slice(1)],
    })
    const methods = ["close", "drain", "acquire", "constructor", "with", "__proto__", "on", "toString"]
    const calls = [...methods.map((method) => [method]), ["set", "k", "v"], ["call", "GET", "k"]]

    const response = await fetch(await directUrl(stage.runtime), {
      method: "POST",
      body: JSON.stringify(calls),
    })
    const outcomes = (await response.json()) as unknown[]

    for (const refused of outcomes.slice(0, methods.length))
      expect(refused).toMatchObject({ error: { name: "UnsupportedCommandError" } })
    expect(outcomes.slice(methods.length)).toEqual([{ reply: "OK" }, { reply: "v" }])
  })
})
