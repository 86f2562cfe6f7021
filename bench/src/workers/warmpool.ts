import { createRedis, defaultHost, type Host } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket/workerd"
import { serveWork } from "./serve-work.ts"

// workerd refuses its own functions when they are called as methods of another object.
const host: Host = { ...defaultHost, tick: (run) => queueMicrotask(run) }

export const work = serveWork(async (url) => {
  const redis = createRedis({ transport: socketTransport({ url }), host, commandTimeoutMs: 60_000 })
  return { get: (key) => redis.get(key), close: () => redis.close() }
})
