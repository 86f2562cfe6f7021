import { ConfigError } from "../errors.ts"
import { either, flag, integer, object, secret, text } from "./options.ts"
import { parseRedisUrl } from "./redis-url.ts"

/** Where one server is, and as whom and to which database one connects. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** A Unix socket, instead of host and port. */
  readonly path?: string | undefined
  readonly tls: boolean
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly database: number
}

/** The options that say where a server is: a URL, or its parts. */
export interface EndpointOptions {
  readonly url?: string | undefined
  readonly host?: string | undefined
  /** @defaultValue 6379 */
  readonly port?: number | undefined
  /** A Unix socket, instead of host and port. */
  readonly path?: string | undefined
  /** Whether to speak TLS, or how: an object is handed to the runtime's own TLS. @defaultValue false */
  readonly tls?: boolean | object | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** @defaultValue 0 */
  readonly database?: number | undefined
}

/** The spec of `EndpointOptions`, to be spread into a larger one. */
export const endpointSpec = {
  url: text(),
  host: text(),
  port: integer(1, 65_535),
  path: text(),
  tls: either(flag(), object<object>()),
  username: text(),
  password: secret(),
  database: integer(0, 999_999_999),
}

/**
 * Makes an endpoint of a URL or of its parts. User, password and database may stand beside a URL that has none.
 *
 * @throws ConfigError if two options contradict, naming both; if neither url, host nor path is given.
 */
export function readEndpoint(where: string, options: EndpointOptions): Endpoint {
  refusePair(where, options, ["url", "host"])
  refusePair(where, options, ["url", "port"])
  refusePair(where, options, ["url", "path"])
  refusePair(where, options, ["path", "host"])
  refusePair(where, options, ["path", "port"])
  if (options.url !== undefined) return ofUrl(where, options, parseRedisUrl(options.url, where))
  if (options.host === undefined && options.path === undefined) {
    throw new ConfigError(`${where}: there is no server: give url, host or path`)
  }
  return {
    host: options.host ?? "localhost",
    port: options.port ?? 6379,
    path: options.path,
    tls: Boolean(options.tls),
    username: options.username,
    password: options.password,
    database: options.database ?? 0,
  }
}

function ofUrl(where: string, options: EndpointOptions, fromUrl: Endpoint): Endpoint {
  for (const name of ["username", "password"] as const) {
    if (options[name] !== undefined && fromUrl[name] !== undefined) {
      throw new ConfigError(`${where}: url has a ${name}, and ${name} is given beside it: keep one`)
    }
  }
  if (options.database !== undefined && fromUrl.database !== 0 && options.database !== fromUrl.database) {
    throw new ConfigError(`${where}: url names a database, and database is given beside it: keep one`)
  }
  if (options.tls !== undefined && Boolean(options.tls) !== fromUrl.tls) {
    const scheme = fromUrl.tls ? "redis: or valkey:" : "rediss: or valkeys:"
    throw new ConfigError(`${where}: url and tls contradict: leave tls out, or begin the url with ${scheme}`)
  }
  return {
    ...fromUrl,
    username: options.username ?? fromUrl.username,
    password: options.password ?? fromUrl.password,
    database: options.database ?? fromUrl.database,
  }
}

function refusePair(
  where: string,
  options: EndpointOptions,
  [one, other]: readonly [keyof EndpointOptions, keyof EndpointOptions],
): void {
  if (options[one] === undefined || options[other] === undefined) return
  throw new ConfigError(`${where}: ${one} and ${other} contradict: keep one`)
}
