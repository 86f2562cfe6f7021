import { once } from "node:events"
import { Redis } from "ioredis"
import { type BenchClient, likeIoredis } from "./bench-client.ts"

export async function openIoredis(
  url: string,
  options: { readonly enableAutoPipelining?: boolean },
): Promise<BenchClient> {
  const redis = new Redis(url, options)
  // Without a listener it prints; what a loss costs is measured by its commands.
  redis.on("error", () => undefined)
  await once(redis, "ready")
  return likeIoredis(redis, async () => redis.disconnect())
}
