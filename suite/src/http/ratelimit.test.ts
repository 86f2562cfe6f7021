import { MultiRegionRatelimit, Ratelimit } from "@upstash/ratelimit"
import { Redis } from "@upstash/redis"
import { createRedis, type PortableRedis } from "@warmpool/core"
import { type RedisServer, startRedis } from "@warmpool/local"
import { asUpstash } from "@warmpool/upstash"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { allTransports, GATEWAY_TOKEN, overGateway, type TransportCase } from "../transports.ts"
import { useDoor } from "./door.ts"

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.close())

type Regions = ConstructorParameters<typeof MultiRegionRatelimit>[0]["redis"]

/** A `Redis` of `@upstash/redis`, ours underneath or its own. */
interface Way {
  readonly name: string
  readonly transport: TransportCase
  open(url: string): { readonly redis: Redis; readonly own?: PortableRedis }
}

const ours: readonly Way[] = allTransports.map((transport) => ({
  name: `asUpstash over ${transport.name}`,
  transport,
  open(url) {
    const own = createRedis({ transport: transport.open(url), commandTimeoutMs: 10_000 })
    return { redis: asUpstash(own), own }
  },
}))
const unmodified: readonly Way[] = overGateway.slice(0, 1).map((transport) => ({
  name: "the client as it is, over the gateway",
  transport,
  open: (url) => ({ redis: new Redis({ url, token: GATEWAY_TOKEN }) }),
}))

/** Whether each of five was let through, one after the other. */
async function fiveInTurn(limit: Pick<Ratelimit, "limit">): Promise<readonly boolean[]> {
  const taken: boolean[] = []
  for (let n = 0; n < 5; n++) {
    const result = await limit.limit("one")
    await result.pending
    taken.push(result.success)
  }
  return taken
}

describe.each([...ours, ...unmodified])("@upstash/ratelimit with $name", ({ transport, open }) => {
  const door = useDoor(transport, () => server)
  let own: PortableRedis | undefined
  let redis: Redis
  beforeEach(async () => {
    await server.command("FLUSHALL")
    ;({ own, redis } = open(door()))
  })
  afterEach(() => own?.close())

  const limiters = {
    "a fixed window": Ratelimit.fixedWindow(3, "1 h"),
    "a sliding window": Ratelimit.slidingWindow(3, "1 h"),
    "a token bucket": Ratelimit.tokenBucket(3, "1 h", 3),
  }

  it.each(Object.entries(limiters))("%s", async (_name, limiter) => {
    const limit = new Ratelimit({ redis, limiter, ephemeralCache: false, prefix: "r" })

    const taken = await Promise.all(Array.from({ length: 8 }, () => limit.limit("one")))
    const other = await limit.limit("other")

    expect(taken.filter(({ success }) => success)).toHaveLength(3)
    expect(other).toMatchObject({ success: true, remaining: 2 })
    expect((await limit.getRemaining("one")).remaining).toBe(0)
    await limit.resetUsedTokens("one")
    expect((await limit.limit("one")).success).toBe(true)
  })

  it("a cached fixed window", async () => {
    const limiter = Ratelimit.cachedFixedWindow(3, "1 h")
    const limit = new Ratelimit({ redis, limiter, ephemeralCache: new Map(), prefix: "r" })

    expect(await fiveInTurn(limit)).toEqual([true, true, true, false, false])
  })

  it.each([
    ["a fixed window", MultiRegionRatelimit.fixedWindow(3, "1 h")],
    ["a sliding window", MultiRegionRatelimit.slidingWindow(3, "1 h")],
  ] as const)("%s over two regions", async (_name, limiter) => {
    // Its declarations are of CommonJS and name another Redis than an import gets, whoever made it.
    const regions = [redis, redis] as unknown as Regions
    const limit = new MultiRegionRatelimit({ redis: regions, limiter, prefix: "r" })

    expect(await fiveInTurn(limit)).toEqual([true, true, true, false, false])
  })

  it("with a limit that changes while it runs, and one for each cost", async () => {
    const limiter = Ratelimit.fixedWindow(10, "1 h")
    const limit = new Ratelimit({ redis, limiter, ephemeralCache: false, dynamicLimits: true, prefix: "r" })

    const costly = await limit.limit("one", { rate: 8 })
    await limit.setDynamicLimit({ limit: 2 })

    expect(costly).toMatchObject({ success: true, remaining: 2 })
    expect(await limit.getDynamicLimit()).toEqual({ dynamicLimit: 2 })
    expect((await limit.limit("two", { rate: 3 })).success).toBe(false)
  })
})
