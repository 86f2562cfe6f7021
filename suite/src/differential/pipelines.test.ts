import { UnsupportedCommandError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { batches, copy, told } from "./batches.ts"
import { usePair } from "./pair.ts"
import { outcomeOf } from "./ways.ts"

describe.each(allTransports)("pipelines and transactions over $name", (transport) => {
  const pair = usePair(transport)

  it.each(batches)("have ioredis's outcomes: a pipeline of %s", async (_what, commands) => {
    const theirs = await pair.theirs.pipeline(copy(commands)).exec()
    await pair.empty()

    const ours = await pair.ours.pipeline(commands).exec()

    expect(told(ours)).toEqual(told(theirs))
    for (const outcome of ours) expect(outcome).toHaveLength(2)
  })

  it.each(batches)("have ioredis's outcomes: a transaction of %s", async (_what, commands) => {
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
