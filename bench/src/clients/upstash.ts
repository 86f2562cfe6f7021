import { Redis } from "@upstash/redis"
import { type BenchClient, likeIoredis } from "./bench-client.ts"
import { restAddress } from "./rest-address.ts"

/** As its users have it: auto-pipelining is its default. */
export async function openUpstash(address: string): Promise<BenchClient> {
  const redis = new Redis(restAddress(address))
  return likeIoredis(redis, async () => undefined)
}
