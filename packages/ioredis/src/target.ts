import type { ConnectionOptions } from "node:tls"
import { ConfigError } from "@warmpool/core"
import {
  type EndpointOptions,
  either,
  endpointSpec,
  flag,
  object,
  oneOf,
  readEndpoint,
  readOptions,
  text,
} from "@warmpool/core/config"
import { Redis, type RedisOptions } from "ioredis"

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
}

/** One server: how to reach it, and what to say first. */
export interface Target {
  /** For errors: never holds a secret. */
  readonly address: string
  readonly login: Login
  /** A new ioredis client, not yet connected, that does nothing but connect. */
  create(): Redis
}

const WHERE = "ioredisTransport"
const LATER = "Cluster and Sentinel are not supported yet: give the URL or the options of one server"
const SPEC = {
  ...endpointSpec,
  tls: either(flag(), object<ConnectionOptions>()),
  family: oneOf([4, 6]),
  name: text(),
}

/**
 * ioredis opens the socket and no more: it neither retries, reconnects, resends nor queues, and says nothing of its
 * own. Its handshake is not used because it goes on in database 0 when SELECT is refused, and prints to the console
 * when AUTH is (`connectHandler`, `handleAuthError` in its event_handler.js).
 */
const PASSIVE = {
  lazyConnect: true,
  protocol: 2 as const,
  replyMapping: "legacy" as const,
  retryStrategy: null,
  reconnectOnError: null,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  disableClientInfo: true,
  monitor: false,
  connectTimeout: 0,
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
  himportFieldsets: undefined,
  scripts: undefined,
  username: undefined,
  password: undefined,
  db: 0,
  connectionName: undefined,
} satisfies RedisOptions

/**
 * Reads what `ioredisTransport` was given.
 *
 * @throws ConfigError if it is no URL, no right options and no client of one server.
 */
export function readTarget(given: string | IoredisOptions | Redis): Target {
  if (typeof given === "string") return ofOptions({ url: given })
  if (isClient(given)) return ofClient(given)
  refuseTopology(given)
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
  if (client.isCluster || client.options.sentinels) throw new ConfigError(`${WHERE}: ${LATER}`)
  const { keyPrefix, username, password, db, connectionName, host, port, path } = client.options
  if (keyPrefix)
    throw new ConfigError(`${WHERE}: the client has a keyPrefix: give keyPrefix to createRedis instead`)
  return {
    address: path ?? `${host}:${port}`,
    login: {
      username: username || undefined,
      password: password || undefined,
      database: db ?? 0,
      name: connectionName || undefined,
    },
    create: () => client.duplicate(PASSIVE),
  }
}

/** By its shape: an application may hold another copy of ioredis than ours. */
function isClient(given: unknown): given is Redis {
  return typeof given === "object" && given !== null && typeof Reflect.get(given, "duplicate") === "function"
}

function refuseTopology(given: unknown): void {
  const names = Array.isArray(given) || typeof given !== "object" || given === null ? [] : Object.keys(given)
  if (Array.isArray(given) || names.includes("sentinels") || names.includes("cluster")) {
    throw new ConfigError(`${WHERE}: ${LATER}`)
  }
}
