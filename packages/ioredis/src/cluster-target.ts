import type { ConnectionOptions } from "node:tls"
import { ConfigError } from "@warmpool/core"
import {
  type ClusterEndpoint,
  either,
  flag,
  fn,
  type NodeAddress,
  type Option,
  type OptionSpec,
  object,
  parseClusterUrl,
  readClusterNodes,
  readOptions,
  secret,
  text,
} from "@warmpool/core/config"
import { Cluster, type ClusterOptions, type NatMap, Redis } from "ioredis"
import { PASSIVE } from "./passive.ts"
import type { Target } from "./target.ts"
import type { TopologySource } from "./topology.ts"

/** Where a cluster is and as whom to speak with it: some of its nodes, of which any answering one is enough. */
export interface ClusterTargetOptions {
  /** URLs of single nodes, or where they are; the others are found through them. */
  readonly cluster?: readonly (string | { readonly host: string; readonly port?: number })[] | undefined
  /** The same as one URL: `redis+cluster://user:password@host:6379,host:6379`. */
  readonly url?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Whether to speak TLS, or the options of Node's `tls.connect`. @defaultValue what the URLs say */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** The connections' name in `CLIENT LIST`. */
  readonly name?: string | undefined
  /** Where nodes are reached, by the address under which the cluster knows them, `host:port`. */
  readonly natMap?: NatMap | undefined
}

/** How to connect to any node of a cluster, and how to learn of them. */
export interface ClusterTarget extends TopologySource {
  node(address: string): Target
}

/** ioredis asks one node after the other, and waits so long for each: ms. */
const ANSWER_WITHIN_MS = 500

const anyList: Option<unknown> = { expects: "an array", accepts: Array.isArray, fallback: undefined }
const onlyZero: Option<unknown> = {
  expects: "nothing but 0: a cluster has no databases",
  accepts: (value) => value === 0,
  fallback: undefined,
}
const spec = {
  url: text(),
  cluster: anyList,
  username: text(),
  password: secret(),
  tls: either(flag(), object<ConnectionOptions>()),
  name: text(),
  natMap: either(
    object<Exclude<NatMap, (...args: never[]) => unknown>>(),
    fn<Extract<NatMap, (...args: never[]) => unknown>>(),
  ),
  database: onlyZero,
} satisfies OptionSpec

/**
 * ioredis keeps the table of slots and no more: its own node clients stay unconnected, no command of ours goes through
 * it, and it neither retries nor comes back by itself.
 */
const TABLE_ONLY = {
  lazyConnect: true,
  clusterRetryStrategy: null,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  maxRedirections: 0,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  retryDelayOnTryAgain: 0,
  slotsRefreshTimeout: ANSWER_WITHIN_MS,
  shardedSubscribers: false,
  // Names stay names: a certificate is checked against them, and each connect resolves them anew.
  dnsLookup: (host, callback) => callback(null, host),
} satisfies ClusterOptions

/** Reads options of a cluster, or its URL among them. Throws ConfigError. */
export function readClusterTarget(where: string, given: ClusterTargetOptions): ClusterTarget {
  const place = given.url === undefined ? "cluster" : "url"
  for (const other of ["cluster", "url", "host", "port", "path", "sentinels"]) {
    if (other !== place && Reflect.get(given, other) !== undefined) {
      throw new ConfigError(`${where}: ${place} and ${other} contradict: keep one`)
    }
  }
  const { url, cluster, natMap, name, tls, username, password } = readOptions(where, spec, given)
  const known = url === undefined ? readClusterNodes(where, cluster) : parseClusterUrl(url, where)
  if (tls === false && known.tls) {
    throw new ConfigError(`${where}: cluster and tls contradict: leave tls out, or give redis: URLs`)
  }
  for (const option of ["username", "password"] as const) {
    if (given[option] !== undefined && known[option] !== undefined) {
      throw new ConfigError(`${where}: a URL has a ${option}, and ${option} is given beside it: keep one`)
    }
  }
  return ofEndpoint(
    { ...known, username: username ?? known.username, password: password ?? known.password },
    { tls: tls ?? known.tls, name, natMap },
  )
}

interface Ways {
  readonly tls: boolean | ConnectionOptions
  readonly name: string | undefined
  readonly natMap: NatMap | undefined
}

function ofEndpoint(
  { nodes, username, password }: ClusterEndpoint,
  { tls, name, natMap }: Ways,
): ClusterTarget {
  const secured = tls ? { tls: typeof tls === "object" ? tls : {} } : {}
  const login = { username, password, database: 0, name }
  return {
    address: nodes.map(({ host, port }) => `${host}:${port}`).join(", "),
    natMap,
    create: () => quiet(new Cluster([...nodes], tableOptions({ ...secured, username, password }, natMap))),
    node: (address) => ({
      address,
      login,
      create: () => new Redis({ ...PASSIVE, ...secured, ...parseAddress(address) }),
    }),
  }
}

/** A cluster client is a model: its nodes, its login and its TLS are read now; the client itself is left alone. */
export function ofClusterClient(where: string, client: Cluster): ClusterTarget {
  const { redisOptions = {}, natMap, keyPrefix } = client.options
  if (keyPrefix)
    throw new ConfigError(`${where}: the client has a keyPrefix: give keyPrefix to createRedis instead`)
  const { username, password, connectionName, tls } = redisOptions
  const login = {
    username: username || undefined,
    password: password || undefined,
    database: 0,
    name: connectionName || undefined,
  }
  const secured = tls ? { tls } : {}
  return {
    address: "the addresses of the client given",
    natMap: natMap ?? undefined,
    create: () => {
      const { dnsLookup: _ours, ...overrides } = tableOptions({ ...secured, username, password }, natMap)
      return quiet(client.duplicate([], overrides))
    },
    node: (address) => ({
      address,
      login,
      create: () => new Redis({ ...redisOptions, ...PASSIVE, ...secured, ...parseAddress(address) }),
    }),
  }
}

interface Login {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls?: ConnectionOptions
}

function tableOptions(login: Login, natMap: NatMap | null | undefined) {
  const passive = { ...PASSIVE, ...login, disconnectTimeout: ANSWER_WITHIN_MS }
  return { ...TABLE_ONLY, redisOptions: passive, ...(natMap && { natMap }) } satisfies ClusterOptions
}

/**
 * ioredis prints errors that nobody listens to; what they say comes with the refresh that failed. A node that changed
 * its role would be told so, on a connection that then stays open (`findOrCreate` in its ConnectionPool.js).
 */
function quiet(cluster: Cluster): Cluster {
  const tellNobody = { readonly: async () => "OK", readwrite: async () => "OK" }
  cluster.on("error", () => undefined)
  cluster.on("+node", (node: Redis) => void Object.assign(node, tellNobody))
  return cluster
}

function parseAddress(address: string): NodeAddress {
  const colon = address.lastIndexOf(":")
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }
}
