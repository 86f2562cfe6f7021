import { createRedis } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket/workerd"
import { serveWork } from "./serve-work.ts"

export const work = serveWork(async (url) => {
  const redis = createRedis({ transport: socketTransport({ url }), commandTimeoutMs: 60_000 })
  return { get: (key) => redis.get(key), close: () => redis.close() }
})
