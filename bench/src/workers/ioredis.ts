import { Redis } from "ioredis"
import { serveWork } from "./serve-work.ts"

export const work = serveWork(async (url) => {
  const redis = new Redis(url)
  redis.on("error", () => undefined)
  return { get: (key) => redis.get(key), close: () => redis.quit() }
})
