import { Redis } from "ioredis"

const redis = new Redis(process.env["REDIS_URL"] ?? "")
redis.on("error", () => undefined)

export const handler = (): Promise<unknown> =>
  Promise.all([redis.incr("fleet:visits"), redis.get("fleet:a"), redis.get("fleet:b")])
