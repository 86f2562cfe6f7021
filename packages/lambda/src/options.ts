import { ConfigError, type RedisOptions, redisOptionSpec, type Transport } from "@warmpool/core"
import {
  type EndpointOptions,
  endpointSpec,
  flag,
  readEndpoint,
  readOptions,
  text,
} from "@warmpool/core/config"

/** What `createRedis` takes on Lambda: where the server is, and everything that core takes. */
export interface LambdaRedisOptions extends EndpointOptions, Omit<RedisOptions, "transport" | "host"> {
  /** Another way to the server, in place of `url` or its parts. */
  readonly transport?: Transport | undefined
  /** The name connections show in `CLIENT LIST`. */
  readonly name?: string | undefined
  /** Opens the connection during init, at no cost of time to the first invocation. @defaultValue true */
  readonly prewarm?: boolean | undefined
  /** Closes connections when Lambda shuts the sandbox down, through an internal extension. @defaultValue true */
  readonly closeOnShutdown?: boolean | undefined
}

const WHERE = "createRedis"

const { host: _runtime, ...coreSpec } = redisOptionSpec

const spec = { ...coreSpec, ...endpointSpec, name: text(), prewarm: flag(true), closeOnShutdown: flag(true) }

/** Where the server is, and under which name connections to it stand in its list. */
export type NamedEndpoint = EndpointOptions & { readonly name?: string }

/** Options by who takes them. */
export interface LambdaSettings {
  readonly transport: Transport | undefined
  readonly endpoint: NamedEndpoint
  readonly core: Omit<RedisOptions, "transport" | "host">
  readonly prewarm: boolean
  readonly closeOnShutdown: boolean
}

/**
 * Checks options, and takes the server from `REDIS_URL` when they name none.
 *
 * @throws ConfigError for a wrong option, and when there is no server to connect to.
 */
export function readLambdaOptions(options: LambdaRedisOptions, redisUrl: string | undefined): LambdaSettings {
  const { transport, prewarm, closeOnShutdown, ...others } = readOptions(WHERE, spec, options)
  const { url, host, port, path, tls, username, password, database, name, ...core } = others
  const given = defined({ url, host, port, path, tls, username, password, database, name })
  const endpoint = transport === undefined ? locate(given, redisUrl) : refuseBeside(given)
  return { transport, endpoint, core: defined(core), prewarm, closeOnShutdown }
}

/** The server that options name, else the one of the environment; read here once, so that errors say which. */
function locate(given: NamedEndpoint, redisUrl: string | undefined): NamedEndpoint {
  const { name, ...parts } = given
  if (parts.url !== undefined || parts.host !== undefined || parts.path !== undefined) {
    readEndpoint(WHERE, parts)
    return given
  }
  if (redisUrl === undefined || redisUrl === "") {
    throw new ConfigError(
      `${WHERE}: there is no server to connect to: set the environment variable REDIS_URL, such as redis://host:6379, or pass url`,
    )
  }
  readEndpoint(`${WHERE}, from REDIS_URL`, { ...parts, url: redisUrl })
  return { ...given, url: redisUrl }
}

function refuseBeside(given: NamedEndpoint): NamedEndpoint {
  const [beside] = Object.keys(given)
  if (beside === undefined) return given
  throw new ConfigError(`${WHERE}: transport already says where the server is: leave out ${beside}`)
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(options: T): Defined<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<T>
}
