import {
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency"
import { CachePersistenceLayer } from "@aws-lambda-powertools/idempotency/cache"
import { makeHandlerIdempotent } from "@aws-lambda-powertools/idempotency/middleware"
import { BaseProvider } from "@aws-lambda-powertools/parameters/base"
import middy from "@middy/core"
import { type FaultProxy, type RedisServer, startFaultProxy, startRedis } from "@warmpool/local"
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { createRedis, OutcomeUnknownError, type Redis } from "./index.ts"
import { withRedis } from "./middy.ts"
import { asCacheClient } from "./powertools.ts"

const context = {
  functionName: "pay",
  functionVersion: "$LATEST",
  awsRequestId: "1",
  getRemainingTimeInMillis: () => 10_000,
} as never

let server: RedisServer
let proxy: FaultProxy
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  proxy = await startFaultProxy({ target: server })
  redis = createRedis({ url: proxy.url(), commandTimeoutMs: 500 })
  await redis.ping()
})
beforeEach(async () => {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "pay")
  await server.command("FLUSHALL")
})
afterAll(async () => {
  await redis.close()
  await proxy.close()
  await server.close()
})

/** What is idempotent, and for whom: Powertools warns when it does not know when the invocation ends. */
function config(): IdempotencyConfig {
  const made = new IdempotencyConfig({})
  made.registerLambdaContext(context)
  return made
}

const layer = () => new CachePersistenceLayer({ client: asCacheClient(redis) })

describe("Powertools' idempotency over the client", () => {
  it("runs the work once, and gives its answer again from Redis", async () => {
    let paid = 0
    const work = async (event: { order: string }) => ({ order: event.order, receipt: ++paid })
    const pay = makeIdempotent(work, { persistenceStore: layer(), config: config() })
    const payElsewhere = makeIdempotent(work, { persistenceStore: layer(), config: config() })

    const first = await pay({ order: "a" })
    const again = await payElsewhere({ order: "a" })
    const other = await pay({ order: "b" })

    expect([first, again, other]).toEqual([
      { order: "a", receipt: 1 },
      { order: "a", receipt: 1 },
      { order: "b", receipt: 2 },
    ])
    const keys = (await server.command("KEYS", "*")) as string[]
    expect(keys).toHaveLength(2)
    expect(Number(await server.command("TTL", keys[0] ?? ""))).toBeGreaterThan(0)
  })

  it("refuses a second run while the first is under way", async () => {
    const gate = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const work = async (_event: { order: string }) => {
      started.resolve()
      await gate.promise
      return "done"
    }
    const pay = makeIdempotent(work, { persistenceStore: layer(), config: config() })

    const first = pay({ order: "c" })
    await started.promise
    const second = pay({ order: "c" })

    await expect(second).rejects.toMatchObject({ name: "IdempotencyAlreadyInProgressError" })
    gate.resolve()
    expect(await first).toBe("done")
  })

  it("forgets a run that failed, so that the next may succeed", async () => {
    let runs = 0
    const work = async (_event: { order: string }) => {
      runs += 1
      if (runs === 1) throw new RangeError("no funds")
      return runs
    }
    const pay = makeIdempotent(work, { persistenceStore: layer(), config: config() })

    await expect(pay({ order: "d" })).rejects.toThrow("no funds")

    expect(await pay({ order: "d" })).toBe(2)
  })

  it("does not run the work when nobody knows whether the record was written", async () => {
    let runs = 0
    const work = async (_event: { order: string }) => {
      runs += 1
    }
    const pay = makeIdempotent(work, { persistenceStore: layer(), config: config() })

    proxy.dropReply({ nth: 1 })
    const failed = await pay({ order: "e" }).catch((error: unknown) => error)

    expect(failed).toBeInstanceOf(IdempotencyPersistenceLayerError)
    expect((failed as Error).cause).toBeInstanceOf(OutcomeUnknownError)
    expect(runs).toBe(0)
    expect(await server.command("DBSIZE")).toBe(1)
  })

  it("works as a middleware beside ours", async () => {
    let paid = 0
    const handler = middy()
      .use(withRedis(redis))
      .use(makeHandlerIdempotent({ persistenceStore: layer() }))
      .handler(async () => ({ receipt: ++paid, visits: await redis.incr("visits") }))

    const first = await handler({ order: "f" }, context)
    const again = await handler({ order: "f" }, context)

    expect([first, again]).toEqual([
      { receipt: 1, visits: 1 },
      { receipt: 1, visits: 1 },
    ])
  })
})

describe("what Powertools' SET can't say", () => {
  it.each([
    [{ PX: 5 }, "set: PX has no place here"],
    [{ NX: "yes" }, "set: NX has no place here"],
    [{ EX: "planted" }, "set: EX has no place here"],
  ])("is refused: %j", async (options, message) => {
    await expect(asCacheClient(redis).set("k", "v", options)).rejects.toThrow(message)
    await expect(asCacheClient(redis).set("k", { planted: 1 })).rejects.toThrow("serialise it first")
    expect(await server.command("EXISTS", "k")).toBe(0)
  })
})

it.each([undefined, null, "redis://host", {}])(
  "names what it is given in place of a client: %j",
  (client) => {
    expect(() => asCacheClient(client as never)).toThrow("asCacheClient: it takes the client")
  },
)

describe("Powertools' parameters", () => {
  it("take no Redis client for their cache; a provider of one's own reads from ours", async () => {
    class RedisProvider extends BaseProvider {
      protected override _get(name: string) {
        return redis.get(name)
      }
      protected override async _getMultiple() {
        return {}
      }
    }
    await server.command("SET", "flags", '{"dark":true}')
    const parameters = new RedisProvider({})

    const first = await parameters.get("flags", { transform: "json" })
    await server.command("DEL", "flags")
    const kept = await parameters.get("flags", { transform: "json" })

    expect([first, kept]).toEqual([{ dark: true }, { dark: true }])
  })
})
