import { inspect } from "node:util"
import { Redis as IoRedis } from "ioredis"
import { describe, expect, it, vi } from "vitest"
import { makeMethods } from "./methods.ts"
import { commandSpecs, OWN_METHOD, specOf } from "./table.ts"

type Method = (...args: unknown[]) => unknown

function clientOf(send = vi.fn()) {
  const client: Record<string, Method> = Object.create(makeMethods(send))
  return { client, send }
}

describe("makeMethods", () => {
  it("hands on the object, the spec, how to decode and the arguments", () => {
    const { client, send } = clientOf(vi.fn(() => "sent"))

    expect(client["get"]?.("k")).toBe("sent")
    client["hgetallBuffer"]?.("h", 1)

    expect(send).toHaveBeenNthCalledWith(1, client, specOf("get"), "text", ["k"])
    expect(send).toHaveBeenNthCalledWith(2, client, specOf("hgetall"), "bytes", ["h", 1])
  })

  it("has every method of ioredis, but for those of our own", () => {
    const { client } = clientOf()
    const theirs = new IoRedis({ lazyConnect: true }).getBuiltinCommands()

    const missing = theirs.filter((name) => !(name in client && `${name}Buffer` in client))

    expect(theirs.length).toBeGreaterThan(250)
    expect(missing.filter((name) => (specOf(name).flags & OWN_METHOD) === 0)).toEqual([])
  })

  it("leaves out the methods of our own, all of them commands", () => {
    const { client } = clientOf()

    const own = commandSpecs.filter(({ flags }) => (flags & OWN_METHOD) !== 0)

    expect(own.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["multi", "subscribe", "quit", "monitor"]),
    )
    for (const { name } of own) expect(name in client).toBe(false)
  })

  it("gives ordinary, named methods", () => {
    const { client } = clientOf()

    expect(client["get"]?.name).toBe("get")
    expect(client["getBuffer"]?.name).toBe("getBuffer")
    expect("get" in client).toBe(true)
    expect("gett" in client).toBe(false)
    expect("then" in client).toBe(false)
    expect(JSON.stringify(client)).toBe("{}")
    expect(inspect(client)).not.toContain("getBuffer")
    expect(client).toBeInstanceOf(Object)
  })

  it("lets a spy stand in for a method", () => {
    const { client, send } = clientOf()
    const spy = vi.spyOn(client, "get").mockReturnValue("spied")

    expect(client["get"]?.("k")).toBe("spied")
    expect(spy).toHaveBeenCalledWith("k")
    expect(send).not.toHaveBeenCalled()
  })
})
