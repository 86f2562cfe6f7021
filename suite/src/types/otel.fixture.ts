import { createRedis } from "@warmpool/lambda"
import { instrumentRedis } from "@warmpool/lambda/otel"

// Checked by projects.test.ts in a project of its own, never run: what users of the published package may write.

export const stop: () => void = instrumentRedis(createRedis())

// @ts-expect-error
instrumentRedis({})
