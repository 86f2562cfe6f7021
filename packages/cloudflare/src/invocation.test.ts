import { createRedis } from "@warmpool/core"
import { FakeTransport } from "@warmpool/core/testing"
import { describe, expect, it } from "vitest"
import { HoldingInvocation } from "./holding-invocation.ts"

/** An invocation, and what it keeps the runtime up for. */
function begun() {
  const kept: Promise<unknown>[] = []
  const ctx = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise) }
  const redis = createRedis({ transport: new FakeTransport() })
  return { invocation: new HoldingInvocation(ctx), redis, over: () => Promise.all(kept) }
}

describe("what an invocation holds", () => {
  it("ends with the handler", async () => {
    let ended = 0
    const { invocation, redis, over } = begun()
    invocation.begin(undefined)
    invocation.onEnd(() => {
      ended += 1
    })

    invocation.end(redis, new Response())
    await over()

    expect(ended).toBe(1)
  })

  it("ends with the invocation where a body may go on using it", async () => {
    const { invocation, redis, over } = begun()
    invocation.begin(undefined)
    invocation.onEnd(() => expect.fail("it ended before its body"))

    invocation.end(redis, new Response("body"))
    await over()
  })

  it("does not pile up where nobody tells of the end, as in a Durable Object", async () => {
    const { invocation, redis, over } = begun()

    for (let n = 0; n < 3; n += 1) invocation.onEnd(() => expect.fail("nobody told of the end"))
    invocation.begin(undefined)
    invocation.end(redis, undefined)
    await over()
  })
})
