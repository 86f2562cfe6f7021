import { describe, expect, it } from "vitest"
import { alternativeTo } from "./alternatives.ts"
import { commandSpecs, STATEFUL, specOf } from "./table.ts"

describe("alternativeTo", () => {
  it.each([
    ["multi", "use redis.multi()"],
    ["exec", "use redis.multi()"],
    ["watch", "use redis.acquire() or redis.use(fn)"],
    ["wait", "use redis.acquire() or redis.use(fn)"],
    ["client", "use redis.acquire() or redis.use(fn)"],
    ["subscribe", "use redis.subscribe(channels)"],
    ["quit", "use redis.close()"],
  ])("names the way for %s", (name, way) => {
    expect(alternativeTo(specOf(name))).toBe(way)
  })

  it("has one for every stateful command", () => {
    const stateful = commandSpecs.filter(({ flags }) => (flags & STATEFUL) !== 0)

    expect(stateful.length).toBeGreaterThan(20)
    for (const spec of stateful) expect(alternativeTo(spec)).toMatch(/^(?:use|put|end) /)
  })
})
