import { createRedis } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"

// Uses a cluster, closes, and must then end by itself.
const redis = createRedis({ transport: ioredisTransport(process.argv[2] ?? "") })
await Promise.all(["a", "b", "c"].map((key) => redis.incr(key)))
await redis.use((lease) => lease.incr("a"), { key: "a" })
await redis.close()
const late = setTimeout(() => process.exit(9), 2_000)
late.unref()
