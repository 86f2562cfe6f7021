import { createRedis } from "@warmpool/core"
import { upstashTransport } from "@warmpool/upstash/transport"
import { type BenchClient, likeIoredis } from "./bench-client.ts"
import { type RestAddress, restAddress } from "./rest-address.ts"

/** The ways over HTTP: what Node takes by default, and what runtimes take that know only `fetch`. */
const WAYS = {
  "node:http": (address: RestAddress) => upstashTransport(address),
  fetch: (address: RestAddress) => upstashTransport({ ...address, fetch: globalThis.fetch }),
} as const

/** The whole client over HTTP, with its deadlines and retries. */
export async function openWarmpoolHttp(address: string, way: keyof typeof WAYS): Promise<BenchClient> {
  const redis = createRedis({ transport: WAYS[way](restAddress(address)) })
  await redis.prewarm()
  return likeIoredis(redis, () => redis.close())
}
