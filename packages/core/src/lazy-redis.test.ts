import { describe, expect, it, vi } from "vitest"
import { createRedis, lazyRedis } from "./create-redis.ts"
import { ConfigError } from "./errors.ts"
import type { RedisOptions } from "./options.ts"
import { FakeHost } from "./testing/fake-host.ts"
import { FakeTransport } from "./testing/fake-transport.ts"

function options(): RedisOptions {
  const host = new FakeHost()
  return { host, transport: new FakeTransport({ host }), keyPrefix: "p:" }
}

describe("lazyRedis", () => {
  it("asks for its options once, when it is first used, views of it included", async () => {
    const given = options()
    const ask = vi.fn(() => given)
    const redis = lazyRedis(ask)
    const view = redis.with({ timeoutMs: 500 })
    const asked = ask.mock.calls.length

    const replies = Promise.all([view.set("k", "v"), redis.get("k")])
    await (given.host as FakeHost).settle()

    expect(asked).toBe(0)
    expect(await replies).toEqual(["OK", "v"])
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it("has the methods of any other client before that, and no others", () => {
    const redis = lazyRedis(options)

    expect(Object.getPrototypeOf(redis)).toBe(Object.getPrototypeOf(createRedis(options())))
    expect("get" in redis).toBe(true)
    expect("then" in redis).toBe(false)
  })

  it("rejects commands with what its options throw, and asks again with the next", async () => {
    const missing = new ConfigError("there is no server")
    const ask = vi.fn((): RedisOptions => {
      throw missing
    })
    const redis = lazyRedis(ask)

    await expect(redis.get("k")).rejects.toBe(missing)
    await expect(redis.get("k")).rejects.toBe(missing)
    expect(ask).toHaveBeenCalledTimes(2)
  })
})
