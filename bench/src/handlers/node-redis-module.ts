import { createClient } from "redis"

const redis = createClient({ url: process.env["REDIS_URL"] ?? "" })
redis.on("error", () => undefined)
const connected = redis.connect()

export const handler = async (): Promise<unknown> => {
  await connected
  return Promise.all([redis.incr("fleet:visits"), redis.get("fleet:a"), redis.get("fleet:b")])
}
