import type { ConnectionOptions } from "node:tls"
import { ConfigError } from "@warmpool/core"
import {
  type EndpointOptions,
  either,
  endpointSpec,
  flag,
  isClusterUrl,
  object,
  oneOf,
  readEndpoint,
  readOptions,
  text,
} from "@warmpool/core/config"
import { type Cluster, Redis } from "ioredis"
import {
  type ClusterTarget,
  type ClusterTargetOptions,
  ofClusterClient,
  readClusterTarget,
} from "./cluster-target.ts"
import { PASSIVE } from "./passive.ts"
import { behindSentinels, readSentinelTarget, type SentinelTargetOptions } from "./sentinel-target.ts"

/** Where the server is and as whom to speak with it: a URL, or its parts. */
export interface IoredisOptions extends EndpointOptions {
  /** Whether to speak TLS, or the options of Node's `tls.connect`. @defaultValue what the URL says */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** Version of IP; either where it is left out. */
  readonly family?: 4 | 6 | undefined
  /** The connections' name in `CLIENT LIST`. */
  readonly name?: string | undefined
}

/** What is said first on a new connection. */
export interface Login {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly name: string | undefined
  /** What the server must be. */
  readonly role?: "master"
}

/** One server: how to reach it, and what to say first. */
export interface Target {
  /** For errors: never holds a secret. */
  readonly address: string
  readonly login: Login
  /** A new ioredis client, not yet connected, that does nothing but connect. */
  create(): Redis
  /** Why it did not connect, where the error alone does not say it. */
  explain?(cause: unknown): string | undefined
}

/** What `ioredisTransport` takes. */
export type IoredisTarget =
  | string
  | IoredisOptions
  | SentinelTargetOptions
  | ClusterTargetOptions
  | Redis
  | Cluster

const WHERE = "ioredisTransport"
const SPEC = {
  ...endpointSpec,
  tls: either(flag(), object<ConnectionOptions>()),
  family: oneOf([4, 6]),
  name: text(),
}

/**
 * Reads what `ioredisTransport` was given; a target with `node` is a cluster.
 *
 * @throws ConfigError if it is no URL, no right options and no client.
 */
export function readTarget(given: IoredisTarget): Target | ClusterTarget {
  if (isClusterUrl(given)) return readClusterTarget(WHERE, { url: given })
  if (typeof given === "string") return ofOptions({ url: given })
  if (isClient(given)) return isClusterClient(given) ? ofClusterClient(WHERE, given) : ofClient(given)
  if (Array.isArray(given)) {
    throw new ConfigError(`${WHERE}: it takes no array: for a cluster give { cluster: [...] }`)
  }
  if (typeof given === "object" && given !== null) {
    if ("sentinels" in given) return readSentinelTarget(WHERE, given)
    if (isOfCluster(given)) return readClusterTarget(WHERE, given)
  }
  return ofOptions(given)
}

function ofOptions(given: IoredisOptions): Target {
  const options = readOptions(WHERE, SPEC, given)
  const { host, port, path, tls, username, password, database } = readEndpoint(WHERE, options)
  const place =
    path === undefined ? { host, port, ...(options.family && { family: options.family }) } : { path }
  const secured = tls ? { tls: typeof options.tls === "object" ? options.tls : {} } : {}
  return {
    address: path ?? `${host}:${port}`,
    login: { username, password, database, name: options.name },
    create: () => new Redis({ ...PASSIVE, ...place, ...secured }),
  }
}

/** The client's options are read now; the client itself is left alone. */
function ofClient(client: Redis): Target {
  const { keyPrefix, username, password, db, connectionName, host, port, path, sentinels, name } =
    client.options
  if (keyPrefix)
    throw new ConfigError(`${WHERE}: the client has a keyPrefix: give keyPrefix to createRedis instead`)
  const login = {
    username: username || undefined,
    password: password || undefined,
    database: db ?? 0,
    name: connectionName || undefined,
  }
  if (sentinels) {
    return behindSentinels(name ?? "", login, (next) => client.duplicate({ ...PASSIVE, ...next }))
  }
  return { address: path ?? `${host}:${port}`, login, create: () => client.duplicate(PASSIVE) }
}

/** By its shape: an application may hold another copy of ioredis than ours. */
function isClient(given: unknown): given is Redis | Cluster {
  return typeof given === "object" && given !== null && typeof Reflect.get(given, "duplicate") === "function"
}

function isOfCluster(given: IoredisOptions | ClusterTargetOptions): given is ClusterTargetOptions {
  return "cluster" in given || isClusterUrl(given.url)
}

function isClusterClient(client: Redis | Cluster): client is Cluster {
  return client.isCluster
}
