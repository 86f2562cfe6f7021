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

/** What says the same of a server. */
const PAIRS = [
  ["url", "host"],
  ["url", "port"],
  ["url", "path"],
  ["path", "host"],
  ["path", "port"],
] as const

/**
 * Makes an endpoint of a URL or of its parts. User, password and database may stand beside a URL that has none.
 *
 * @throws ConfigError if two options contradict, naming both; if neither url, host nor path is given.
 */
export function readEndpoint(where: string, options: EndpointOptions): Endpoint {
  const contradict = (one: string, other: string, fix = "keep one") =>
    new ConfigError(`${where}: ${one} and ${other} contradict: ${fix}`)
  for (const [one, other] of PAIRS)
    if (options[one] !== undefined && options[other] !== undefined) throw contradict(one, other)
  const { url, host = "localhost", port = 6379, path, tls, username, password, database } = options
  if (url === undefined) {
    if (options.host === undefined && path === undefined)
      throw new ConfigError(`${where}: there is no server: give url, host or path`)
    return { host, port, path, tls: Boolean(tls), username, password, database: database ?? 0 }
  }
  const fromUrl = parseRedisUrl(url, where)
  for (const name of ["username", "password", "database"] as const)
    if (options[name] !== undefined && fromUrl[name] && options[name] !== fromUrl[name])
      throw contradict("url", name)
  if (tls !== undefined && Boolean(tls) !== fromUrl.tls)
    throw contradict("url", "tls", "leave tls out, and begin the url with rediss: or valkeys: for TLS")
  return {
    ...fromUrl,
    username: username ?? fromUrl.username,
    password: password ?? fromUrl.password,
    database: database ?? fromUrl.database,
  }
}
