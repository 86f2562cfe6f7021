import { describe, expect, it } from "vitest"
import { Invocation } from "./invocation.ts"

const ctx = { waitUntil: () => undefined }

describe("what an invocation holds", () => {
  it("ends with the handler", () => {
    let ended = 0
    const invocation = new Invocation(ctx)
    const over = invocation.begin(undefined)
    invocation.onEnd(() => {
      ended += 1
    })
    const held = invocation.hasHeld

    over()
    invocation.end()

    expect([held, invocation.hasHeld, ended]).toEqual([true, false, 1])
  })

  it("does not pile up where nobody tells of the end, as in a Durable Object", () => {
    const invocation = new Invocation(ctx)

    for (let n = 0; n < 3; n += 1) invocation.onEnd(() => undefined)

    expect(invocation.hasHeld).toBe(false)
  })
})
