import { expect, it, vi } from "vitest"
import { lines, warm } from "./client.fixture.ts"

it("sends a script whole, and harms nobody, where the runtime has no SHA-1", async () => {
  vi.stubGlobal("crypto", {})
  const { redis, transport, host } = await warm()
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on("unhandledRejection", note)

  const script = redis.defineScript("return 1", { keys: 0 })
  await new Promise((resolve) => setImmediate(resolve))
  transport.answerNext(1)
  const call = script()
  await host.settle()
  process.off("unhandledRejection", note)
  vi.unstubAllGlobals()

  expect(await call).toBe(1)
  expect(lines(transport)).toEqual(["EVAL return 1 0"])
  expect(unhandled).toEqual([])
})
