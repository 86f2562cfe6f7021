import { Redis } from "ioredis"

/** What most functions begin with: a client per invocation. Kept to compare with, not to copy. */
export const handler = async (): Promise<{ visits: number }> => {
  const redis = new Redis(process.env["REDIS_URL"] ?? "", { keyPrefix: process.env["KEY_PREFIX"] ?? "" })
  try {
    return { visits: await redis.incr("visits") }
  } finally {
    await redis.quit()
  }
}
