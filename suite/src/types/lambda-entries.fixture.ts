import { createRedis } from "@warmpool/lambda"
import { type RedisMiddleware, withRedis } from "@warmpool/lambda/middy"
import { asCacheClient, type CacheClient } from "@warmpool/lambda/powertools"
import { createWarmer, type WarmedRound, WarmerError } from "@warmpool/lambda/warmer"

// Checked by projects.test.ts, never run: neither middy, nor Powertools, nor AWS's SDK is there.

const redis = createRedis()

export const middleware: RedisMiddleware = withRedis(redis)
export const client: CacheClient = asCacheClient(redis)
export const stored: Promise<string | null> = client.set("k", "v", { EX: 60, NX: true })

const warm = createWarmer({ functionName: "visits", sandboxes: 3, holdMs: 250 })
export const round: Promise<WarmedRound> = warm()
export const isOurs = (error: unknown): boolean => error instanceof WarmerError && error.code === "ERR_WARMER"

// @ts-expect-error
createWarmer({ count: 3 })
// @ts-expect-error
withRedis("redis://localhost")
// @ts-expect-error
asCacheClient({})
