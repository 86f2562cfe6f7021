import { Redis } from "ioredis"

/** What most functions end with: a client at module scope, which the freezer kills. Kept to compare with, not to copy. */
const redis = new Redis(process.env["REDIS_URL"] ?? "", { keyPrefix: process.env["KEY_PREFIX"] ?? "" })
redis.on("error", (error: Error) => console.error(error.message))

export const handler = async (): Promise<{ visits: number }> => ({ visits: await redis.incr("visits") })
