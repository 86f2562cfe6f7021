import { createRedis, type RedisOptions } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket"
import { type BenchClient, likeIoredis } from "./bench-client.ts"

/** The whole client, with its deadlines and retries. */
export async function openWarmpool(
  url: string,
  options: Omit<RedisOptions, "transport">,
): Promise<BenchClient> {
  const redis = createRedis({ ...options, transport: socketTransport({ url }) })
  await redis.prewarm()
  return likeIoredis(redis, () => redis.close())
}
