import type { PortableRedis } from "@warmpool/cloudflare"
import { withRedis } from "@warmpool/cloudflare/http"
import { startRedis } from "@warmpool/local"
import { describe, expect, it } from "vitest"
import { startGateway, startStage, TOKEN, WAYS } from "./rig.ts"

describe.each(WAYS)("@warmpool/cloudflare/%s", (way) => {
  it("goes this way alone, with what its client can do", async () => {
    await using stage = await startStage({ app: `entry-${way}.fixture.ts`, way })

    const told = await (await fetch(stage.url)).json()

    expect(told).toEqual({
      set: "OK",
      got: "v",
      atomic: [
        [null, 1],
        [null, "v"],
      ],
      together: [2, "ReplyError"],
      refused: way === "tcp" ? "null" : "UnsupportedCommandError",
      leases: way === "tcp",
    })
  })
})

/** Handlers that no local runtime calls, on Node: the entry over HTTP needs nothing of Workers. */
describe("handlers of email and of tails", () => {
  it("get the client too, and what they do not wait for is finished", async () => {
    const redis = await startRedis()
    const gateway = await startGateway(redis)
    const kept: Promise<unknown>[] = []
    const ctx = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise) }
    const env = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: TOKEN }
    const worker = withRedis({
      email(message: { from: string }, _env: unknown, _ctx: unknown, client: PortableRedis) {
        void client.rpush("from", message.from)
      },
      async tail(events: readonly object[], _env: unknown, _ctx: unknown, client: PortableRedis) {
        await client.incrby("tailed", events.length)
      },
      other: () => "untouched",
    } as never) as unknown as Record<"email" | "tail" | "other", (...args: unknown[]) => Promise<void>>

    await worker.email({ from: "a@b.test" }, env, ctx)
    await worker.tail([{}, {}], env, { ...ctx })
    await Promise.all(kept)

    expect(await redis.command("LRANGE", "from", 0, -1)).toEqual(["a@b.test"])
    expect(await redis.command("GET", "tailed")).toBe("2")
    expect(worker.other()).toBe("untouched")
    await gateway.drain()
    await redis.close()
  })

  it.each([{}, null, { fetch: "no function" }])("are asked for when there is none: %o", (worker) => {
    expect(() => withRedis(worker as never)).toThrow(
      "withRedis takes a Worker: an object with fetch, scheduled, queue, email, tail, at least one of them",
    )
  })
})

describe("where there is no workerd", () => {
  const fix = /this is not workerd, .*add the condition "workerd"/

  it.each(["", "/tcp"])("@warmpool/cloudflare%s says what to do", async (path) => {
    const entry: typeof import("@warmpool/cloudflare") = await import(`@warmpool/cloudflare${path}`)

    for (const use of [entry.withRedis, entry.bindRedis]) {
      expect(use).toThrow(fix)
      expect(use).toThrow(entry.ConfigError)
    }
  })

  it("the classes of the pool say what to do", async () => {
    const { RedisBinding, RedisPool } = await import("@warmpool/cloudflare/pool")

    for (const Class of [RedisBinding, RedisPool] as unknown as (new () => unknown)[])
      expect(() => new Class()).toThrow(`${Class.name}: this is not workerd`)
  })
})
