import { describe, expect, it } from "vitest"
import { allTransports } from "../transports.ts"
import { usePair } from "./pair.ts"

describe.each(allTransports)("HGETALL over $name", (transport) => {
  const pair = usePair(transport)

  it("gives an empty object for a missing key, everywhere", async () => {
    expect(await pair.ours.hgetall("missing")).toEqual({})
    expect(await pair.ours.hgetallBuffer("missing")).toEqual({})
    expect(await pair.ours.pipeline().hgetall("missing").exec()).toEqual([[null, {}]])
    expect(await pair.ours.multi().hgetall("missing").exec()).toEqual([[null, {}]])
    expect(await pair.ours.call("HGETALL", "missing")).toEqual([])
  })

  it("gives fields of any name without touching a prototype", async () => {
    const names = [
      "__proto__",
      "constructor",
      "prototype",
      "toString",
      "hasOwnProperty",
      "0",
      "",
      "__defineGetter__",
    ]
    await pair.ours.hset("h", new Map(names.map((name) => [name, `value of ${name}`])))

    const [ours, theirs] = [await pair.ours.hgetall("h"), await pair.theirs.hgetall("h")]

    expect(Object.keys(ours)).toEqual(Object.keys(theirs))
    expect(Object.getPrototypeOf(ours)).toBe(Object.prototype)
    for (const name of names) {
      expect(Object.getOwnPropertyDescriptor(ours, name)).toEqual(
        Object.getOwnPropertyDescriptor(theirs, name),
      )
      expect(Object.getOwnPropertyDescriptor(ours, name)?.value).toBe(`value of ${name}`)
    }
    expect(Reflect.get({}, "value of __proto__")).toBeUndefined()
  })

  it("gives back what HSET was given", async () => {
    const fields = { name: "Ada", "born in": "1815", "": "nothing", ü: "😀" }

    await pair.ours.hset("h", fields)

    expect(await pair.ours.hgetall("h")).toEqual(fields)
    expect(await pair.theirs.hgetall("h")).toEqual(fields)
  })
})
