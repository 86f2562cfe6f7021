import { ioredisTransport } from "@warmpool/ioredis"
import { type LambdaClusterOptions, readClusterOptions } from "./cluster/options.ts"
import { createRedis as createPlain, type LambdaRedisOptions, type Redis } from "./index.ts"

export * from "@warmpool/core/names"
export { type LambdaCallback, type LambdaContext, withRedis } from "./index.ts"
export type { LambdaClusterOptions }

/**
 * Makes the client of a function for a Redis Cluster, at module scope: one connection to each master lives as long as
 * the sandbox does, opened during init, which it never fails.
 *
 * @param options - Some of the cluster's nodes, unless `REDIS_URL` names one or several, and limits.
 * @throws ConfigError naming the option that is wrong, or when there is no cluster to connect to.
 */
export function createRedis(options: LambdaClusterOptions = {}): Redis {
  const { target, others } = readClusterOptions(options, process.env["REDIS_URL"])
  const plain: LambdaRedisOptions = { ...others, transport: ioredisTransport(target) }
  return createPlain(plain)
}
