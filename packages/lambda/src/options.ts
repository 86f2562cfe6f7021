import { ConfigError, type RedisOptions, redisOptionSpec, type Transport } from "@warmpool/core"
import { type EndpointOptions, endpointSpec, flag, readOptions, text } from "@warmpool/core/config"

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

const { host: _runtime, ...coreSpec } = redisOptionSpec

const spec = { ...coreSpec, ...endpointSpec, name: text(), prewarm: flag(true), closeOnShutdown: flag(true) }

/** Options by who takes them. */
export interface LambdaSettings {
  readonly transport: Transport | undefined
  readonly endpoint: EndpointOptions & { readonly name?: string }
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
  const given = readOptions("createRedis", spec, options)
  const {
    transport,
    url,
    host,
    port,
    path,
    tls,
    username,
    password,
    database,
    name,
    prewarm,
    closeOnShutdown,
    ...core
  } = given
  const parts = { url, host, port, path, tls, username, password, database, name }
  const named = Object.entries(parts).filter(([, value]) => value !== undefined)
  if (transport && named.length > 0) {
    throw new ConfigError(
      `createRedis: transport already says where the server is: leave out ${named[0]?.[0]}`,
    )
  }
  const endpoint: EndpointOptions & { name?: string } = Object.fromEntries(named)
  if (!transport && url === undefined && host === undefined && path === undefined) {
    if (redisUrl === undefined || redisUrl === "") {
      throw new ConfigError(
        "createRedis: there is no server to connect to: set the environment variable REDIS_URL, such as redis://host:6379, or pass url",
      )
    }
    return {
      transport,
      endpoint: { ...endpoint, url: redisUrl },
      core: defined(core),
      prewarm,
      closeOnShutdown,
    }
  }
  return { transport, endpoint, core: defined(core), prewarm, closeOnShutdown }
}

function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
