import { UnsupportedCommandError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { transports } from "../transports.ts"
import { usePair } from "./pair.ts"
import { seen } from "./seen.ts"
import { outcomeOf } from "./ways.ts"

type Entry = readonly [string, ...unknown[]]

/** Batches as arrays, as both clients take them. */
const BATCHES: readonly (readonly [what: string, commands: readonly Entry[]])[] = [
  ["nothing", []],
  ["one command", [["set", "k", "v"]]],
  [
    "an error among replies",
    [
      ["set", "k", "v"],
      ["incr", "k"],
      ["get", "k"],
      ["lpush", "k", "x"],
      ["get", "k"],
    ],
  ],
  [
    "nulls and empty arrays",
    [
      ["get", "missing"],
      ["lrange", "missing", 0, -1],
      ["mget", "a", "b"],
    ],
  ],
  ["errors nested in a reply", [["eval", "return {redis.error_reply('MINE bad'), 1}", 0], ["ping"]]],
  ["a command that fails when it is queued", [["set", "k", "v"], ["get"], ["get", "k"]]],
  ["several commands that fail when they are queued", [["get"], ["set", "k"], ["incr", "n"]]],
  [
    "arrays and numbers",
    [
      ["rpush", "l", ["a", 1, null]],
      ["lrange", "l", 0, -1],
      ["mget", ["l", "x"]],
    ],
  ],
  [
    "an object each way, and bytes",
    [
      ["hset", "h", { a: 1, __proto__: 2 }],
      ["hgetall", "h"],
      ["hgetBuffer", "h", "a"],
      ["hgetallBuffer", "h"],
      ["mset", new Map([["k", "v"]])],
      ["getBuffer", "k"],
    ],
  ],
  [
    "commands by name",
    [
      ["call", "SET", "k", "v"],
      ["call", "HGETALL", "missing"],
    ],
  ],
]

const copy = (commands: readonly Entry[]): unknown[][] => commands.map((command) => [...command])

/** Outcomes in a form that can be compared: ioredis leaves the reply out where there is an error. */
function told(outcomes: unknown): unknown {
  if (outcomes instanceof Error) return [seen(outcomes), seen(Reflect.get(outcomes, "previousErrors"))]
  if (!Array.isArray(outcomes)) return outcomes
  return outcomes.map(([error, reply]: readonly unknown[]) => [seen(error ?? null), seen(reply)])
}

describe.each(transports)("pipelines and transactions over $name", (transport) => {
  const pair = usePair(transport)

  it.each(BATCHES)("have ioredis's outcomes: a pipeline of %s", async (_what, commands) => {
    const theirs = await pair.theirs.pipeline(copy(commands)).exec()
    await pair.empty()

    const ours = await pair.ours.pipeline(commands).exec()

    expect(told(ours)).toEqual(told(theirs))
    for (const outcome of ours) expect(outcome).toHaveLength(2)
  })

  it.each(BATCHES)("have ioredis's outcomes: a transaction of %s", async (_what, commands) => {
    const theirs = await outcomeOf(() => pair.theirs.multi(copy(commands)).exec())
    await pair.empty()

    const ours = await outcomeOf(() => pair.ours.multi(commands).exec())

    expect(told(ours)).toEqual(told(theirs))
    expect(await pair.theirs.get("n")).toBeNull()
  })

  it("count what they hold, and run in order", async () => {
    const pipeline = pair.ours.pipeline()
    for (let n = 0; n < 500; n++) pipeline.rpush("l", n)

    expect(pipeline.length).toBe(500)
    expect((await pipeline.exec()).map(([, length]) => length)).toEqual(
      Array.from({ length: 500 }, (_, n) => n + 1),
    )
    expect(await pair.theirs.lrange("l", 0, -1)).toEqual(Array.from({ length: 500 }, (_, n) => String(n)))
  })

  it("refuse what would change or hold up the shared connection, and send nothing of it", async () => {
    const { ours } = pair

    expect(() => ours.pipeline().call("BLPOP", "l", 1)).toThrow(UnsupportedCommandError)
    expect(() => ours.pipeline().call("SELECT", 1)).toThrow(UnsupportedCommandError)
    expect(() => ours.multi().call("WATCH", "k")).toThrow(UnsupportedCommandError)
    expect(() => ours.multi().call("CLIENT", "SETNAME", "x")).toThrow(UnsupportedCommandError)
  })

  it("run blocking commands in a transaction without waiting, as with ioredis", async () => {
    await pair.theirs.rpush("l", "x")
    const theirs = await pair.theirs.multi().blpop("l", 10).blpop("l", 10).exec()
    await pair.theirs.rpush("l", "x")

    const ours = await pair.ours.multi().call("BLPOP", "l", 10).call("BLPOP", "l", 10).exec()

    expect(ours).toEqual(theirs)
  })
})
