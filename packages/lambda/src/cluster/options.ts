import { ConfigError, redisOptionSpec } from "@warmpool/core"
import { flag, isClusterUrl, type Option, readOptions } from "@warmpool/core/config"
import type { ClusterTargetOptions } from "@warmpool/ioredis"
import type { LambdaRedisOptions } from "../options.ts"

type Others = Omit<
  LambdaRedisOptions,
  "transport" | "url" | "host" | "port" | "path" | "tls" | "username" | "password" | "database" | "name"
>

/** What `createRedis` takes for a cluster: where it is, and everything else that it takes on Lambda. */
export interface LambdaClusterOptions extends ClusterTargetOptions, Others {}

const WHERE = "createRedis"

/** What says where the cluster is; the transport reads it. */
const anything: Option<unknown> = { expects: "anything", accepts: () => true, fallback: undefined }
const place = {
  cluster: anything,
  url: anything,
  username: anything,
  password: anything,
  tls: anything,
  name: anything,
  natMap: anything,
}

const { host: _runtime, transport: _ours, ...coreSpec } = redisOptionSpec
const spec = { ...place, ...coreSpec, prewarm: flag(true), closeOnShutdown: flag(true) }

/**
 * Checks the names of the options, and takes the cluster from `REDIS_URL` when they name none. The URL of a single node
 * is enough: the others are found through it.
 *
 * @throws ConfigError for an unknown option or a wrong limit, and when there is no cluster to connect to.
 */
export function readClusterOptions(
  options: LambdaClusterOptions,
  redisUrl: string | undefined,
): { readonly target: ClusterTargetOptions; readonly others: Others } {
  readOptions(WHERE, spec, options)
  const { cluster, url, username, password, tls, name, natMap, ...others } = options
  const given = { username, password, tls, name, natMap }
  if (cluster !== undefined && url !== undefined) {
    throw new ConfigError(`${WHERE}: cluster and url contradict: keep one`)
  }
  if (cluster !== undefined) return { target: { ...given, cluster }, others }
  const from = url ?? redisUrl
  if (from === undefined || from === "") {
    throw new ConfigError(
      `${WHERE}: there is no cluster to connect to: set the environment variable REDIS_URL to one node or several, such as redis+cluster://host:6379,host:6379, or pass cluster`,
    )
  }
  const nodes = isClusterUrl(from) ? { url: from } : { cluster: [from] }
  return { target: { ...given, ...nodes }, others }
}
