import { Redis } from "ioredis"

export const handler = async (): Promise<unknown> => {
  const redis = new Redis(process.env["REDIS_URL"] ?? "")
  try {
    return await Promise.all([redis.incr("fleet:visits"), redis.get("fleet:a"), redis.get("fleet:b")])
  } finally {
    await redis.quit()
  }
}
