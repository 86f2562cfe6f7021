import { createRedis, type LambdaContext, OutcomeUnknownError, type Redis, withRedis } from "@warmpool/lambda"

// Checked by projects.test.ts in projects of their own, never run: what users of the published package may write.

const redis: Redis = createRedis({ url: "redis://localhost", commandTimeoutMs: 500, database: 1 })

export const handler = withRedis(redis, async (event: { readonly key: string }) => redis.incr(event.key))

/** As Lambda's runtime calls it. */
export const answer = (context: LambdaContext): Promise<number> => handler({ key: "visits" }, context)

export const leased = withRedis(redis, () =>
  redis.use(async (lease) => {
    await lease.watch("k")
    return lease.multi().incr("k").exec()
  }),
)

export function isUnknown(error: unknown): boolean {
  return error instanceof OutcomeUnknownError && error.fate === "unknown"
}

// @ts-expect-error
createRedis({ db: 1 })
// @ts-expect-error
createRedis("redis://localhost")
// @ts-expect-error
withRedis(redis)
// @ts-expect-error
handler({ key: 1 }, { getRemainingTimeInMillis: () => 1 })
// @ts-expect-error
redis.watch("k")
