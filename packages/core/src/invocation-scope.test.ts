import { describe, expect, it } from "vitest"
import { HoldingScope } from "./invocation-scope.ts"

describe("the end of an invocation", () => {
  it("runs what is to run then once, and at once what comes later", () => {
    const scope = new HoldingScope(Number.POSITIVE_INFINITY)
    const ran: string[] = []

    scope.onEnd(() => ran.push("at the end"))
    const before = [...ran]
    scope.end()
    scope.end()
    scope.onEnd(() => ran.push("later"))

    expect([before, ran]).toEqual([[], ["at the end", "later"]])
  })

  it("is known, and nothing is held after it", () => {
    const scope = new HoldingScope(Number.POSITIVE_INFINITY)
    const states = [[scope.ended, scope.hasHeld]]

    scope.onEnd(() => undefined)
    states.push([scope.ended, scope.hasHeld])
    scope.end()
    states.push([scope.ended, scope.hasHeld])

    expect(states).toEqual([
      [false, false],
      [false, true],
      [true, false],
    ])
  })
})

describe("an invocation that has settled", () => {
  it("has waited for commands that a reply led to", async () => {
    const scope = new HoldingScope(Number.POSITIVE_INFINITY)
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    const order: string[] = []
    scope.track(first.promise)
    void first.promise.then(() => {
      scope.track(second.promise)
      setImmediate(() => {
        order.push("the second reply")
        second.resolve()
      })
    })

    const settled = scope.settled().then(() => order.push("settled"))
    first.resolve()
    await settled

    expect(order).toEqual(["the second reply", "settled"])
  })

  it("has nothing to wait for without commands", async () => {
    const scope = new HoldingScope(1)

    expect(await scope.settled()).toBeUndefined()
    expect(scope.endsAt).toBe(1)
  })
})
