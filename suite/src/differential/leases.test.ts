import { UnsupportedCommandError } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { compare } from "./compare.ts"
import { leasing, type Pair, usePair } from "./pair.ts"
import type { Script, Word } from "./script.ts"
import { blocking } from "./tables/blocking.ts"
import { connectionBound } from "./tables/connection-bound.ts"
import { bytesOneByOne, invoke, outcomeOf, textOneByOne, type Way } from "./ways.ts"

/** Through a lease of ours, and through an ioredis that nobody else uses. */
function onConnectionsOfTheirOwn(pair: Pair, script: Script, way: Way) {
  return compare(pair, script, {
    ours: () => pair.ours.use((lease) => way.run(lease, script)),
    theirs: () => way.run(pair.anotherOfTheirs({}), script),
  })
}

const lineOf = (name: string, first?: Word): string => (name === "client" ? `${name} ${first}` : name)

describe.each(leasing)("commands that wait or change their connection over $name", (transport) => {
  const pair = usePair(transport)

  describe.each([textOneByOne, bytesOneByOne])("$name", (way) => {
    it.each(blocking)("wait by themselves as with ioredis: $title", async (script) => {
      const { ours, theirs } = await compare(pair, script, {
        ours: () => way.run(pair.ours, script),
        theirs: () => way.run(pair.theirs, script),
      })

      expect(ours).toEqual(theirs)
    })

    it.each([...blocking, ...connectionBound])("work in a lease as with ioredis: $title", async (script) => {
      const { ours, theirs } = await onConnectionsOfTheirOwn(pair, script, way)

      expect(ours).toEqual(theirs)
    })
  })

  it("are refused on the shared connection if they change it, and are not sent", async () => {
    const stateful = connectionBound
      .flatMap(({ steps }) => steps)
      .filter(
        ({ name, words: [first] }) => !/^(set|get|client (getname|trackinginfo))$/.test(lineOf(name, first)),
      )

    const errors = await Promise.all(
      stateful.map(({ name, words }) => outcomeOf(() => invoke(pair.ours, name, words))),
    )

    for (const error of errors) {
      expect(error).toBeInstanceOf(UnsupportedCommandError)
      expect(error).toMatchObject({ fate: "unsent" })
    }
    expect(await pair.ours.client("GETNAME")).toBeNull()
    expect(errors.length).toBeGreaterThan(30)
  })

  it("give null for a transaction when a watched key had changed, as with ioredis", async () => {
    const theirs = pair.anotherOfTheirs({})
    await theirs.watch("k")
    await pair.theirs.set("k", "changed")
    const their = await theirs.multi().set("k", "mine").exec()

    const our = await pair.ours.use(async (lease) => {
      await lease.watch("k")
      await pair.theirs.set("k", "changed again")
      return [await lease.multi().set("k", "mine").exec(), await lease.multi().set("k", "mine").exec()]
    })

    expect(our).toEqual([their, [[null, "OK"]]])
    expect(their).toBeNull()
  })

  it("put the key prefix where the shared connection puts it", async () => {
    const ours = pair.another({ keyPrefix: "p:" })

    await ours.use((lease) => lease.multi().set("k", 1).rpush("l", "x").exec())

    expect((await pair.theirs.keys("*")).sort()).toEqual(["p:k", "p:l"])
    expect(await ours.blpop("l", 1)).toEqual(["p:l", "x"])
  })

  it("give a hash as an object", async () => {
    await pair.ours.hset("h", { a: 1 })

    const replies = await pair.ours.use((lease) =>
      Promise.all([lease.hgetall("h"), lease.hgetall("missing")]),
    )

    expect(replies).toEqual([{ a: "1" }, {}])
  })
})
