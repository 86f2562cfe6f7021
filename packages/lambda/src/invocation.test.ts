import type { Redis } from "@warmpool/core"
import { describe, expect, it } from "vitest"
import { contextOf } from "./context.fixture.ts"
import { Invocation } from "./invocation.ts"
import { Invocations } from "./invocations.ts"
import { wrap } from "./with-redis.ts"

/** A client that never has anything to do. */
const idle = { settled: async () => {} } as Redis

describe("an invocation", () => {
  it("is the same one for every wrapper around a handler", async () => {
    const invocations = new Invocations()
    const seen: (Invocation | undefined)[] = []
    const inner = wrap(invocations, idle, () => seen.push(invocations.current))
    const outer = wrap(invocations, idle, async (event: unknown, context: unknown) => {
      seen.push(invocations.current)
      await inner(event, context)
      seen.push(invocations.current)
    })

    await outer({}, contextOf(3_000))

    expect(seen[0]).toBeInstanceOf(Invocation)
    expect(new Set(seen).size).toBe(1)
    expect(invocations.current).toBeUndefined()
  })

  it("is told from others that overlap, from the moment that they do", async () => {
    const invocations = new Invocations()
    const gate = Promise.withResolvers<void>()
    const look = async (): Promise<(Invocation | undefined)[]> => {
      const first = invocations.current
      await gate.promise
      return [first, invocations.current]
    }
    const several = [1, 2, 3].map((endsAt) => new Invocation(endsAt))

    const running = several.map((invocation) => invocations.run(invocation, look))
    gate.resolve()

    expect(await Promise.all(running)).toEqual(several.map((invocation) => [invocation, invocation]))
  })
})
