import { ConfigError, type RedisOptions, redisOptionSpec, type Transport } from "@warmpool/core"
import {
  type EndpointOptions,
  endpointSpec,
  flag,
  integer,
  oneOf,
  readEndpoint,
  readOptions,
  text,
} from "@warmpool/core/config"
import { type Environment, findServer } from "./environment.ts"
import type { OnIdle } from "./idling.ts"

/** What `createRedis` takes on Vercel's Node runtime: where the server is, and everything that core takes. */
export interface VercelRedisOptions extends EndpointOptions, Omit<RedisOptions, "transport" | "host"> {
  /** Of a server at an `https:` URL: its REST token. */
  readonly token?: string | undefined
  /** Another way to the server, in place of `url` or its parts. */
  readonly transport?: Transport | undefined
  /** The name connections show in `CLIENT LIST`. */
  readonly name?: string | undefined
  /**
   * What becomes of connections once the last request is over: `"close"` closes all, `"surplus"` all but the shared one,
   * `"keep"` none. @defaultValue "close"
   */
  readonly onIdle?: OnIdle | undefined
  /** How long the client must have been unused before that, ms; it takes at most twice as long. @defaultValue 100 */
  readonly lingerMs?: number | undefined
  /** Closes connections when Vercel shuts the instance down. @defaultValue true */
  readonly closeOnShutdown?: boolean | undefined
}

const WHERE = "createRedis"
const LONGEST_MS = 2_147_483_647

const { host: _runtime, ...coreSpec } = redisOptionSpec

const spec = {
  ...coreSpec,
  ...endpointSpec,
  token: text(),
  name: text(),
  onIdle: oneOf(["close", "surplus", "keep"], "close"),
  lingerMs: integer(1, LONGEST_MS, 100),
  closeOnShutdown: flag(true),
}

type Parts = EndpointOptions & { readonly name?: string }

/** How the server is reached. */
export type Way =
  | { readonly by: "transport"; readonly transport: Transport }
  | { readonly by: "tcp"; readonly endpoint: Parts }
  | { readonly by: "http"; readonly url: string; readonly token: string }

/** Options by who takes them. */
export interface VercelSettings {
  readonly core: Omit<RedisOptions, "transport" | "host">
  readonly onIdle: OnIdle
  readonly lingerMs: number
  readonly closeOnShutdown: boolean
  /** Finds the server, in the environment if the options name none. Throws ConfigError. */
  locate(environment: Environment): Way
}

/**
 * Checks options. Where the server is may be found later.
 *
 * @throws ConfigError for a wrong option.
 */
export function readVercelOptions(options: VercelRedisOptions): VercelSettings {
  const { transport, onIdle, lingerMs, closeOnShutdown, ...others } = readOptions(WHERE, spec, options)
  const { url, host, port, path, tls, username, password, database, name, token, ...core } = others
  const given = defined({ url, host, port, path, tls, username, password, database, name })
  const way =
    transport === undefined ? wayOf(given, token) : beside(transport, { ...given, ...defined({ token }) })
  return {
    core: defined(core),
    onIdle,
    lingerMs,
    closeOnShutdown,
    locate: (environment) => way ?? wayFrom(environment, given),
  }
}

/** The server that options name; undefined when they name none. */
function wayOf(given: Parts, token: string | undefined): Way | undefined {
  const { name, ...parts } = given
  const isHttp = /^https?:/i.test(given.url ?? "")
  if (token !== undefined && !isHttp) {
    throw new ConfigError(`${WHERE}: token goes with an https: url: over TCP it is the password`)
  }
  if (isHttp) return httpWay(given, token)
  if (parts.url === undefined && parts.host === undefined && parts.path === undefined) return undefined
  readEndpoint(WHERE, parts)
  return { by: "tcp", endpoint: given }
}

function httpWay({ url = "", ...others }: Parts, token: string | undefined): Way {
  const [other] = Object.keys(others)
  if (other !== undefined) throw new ConfigError(`${WHERE}: ${other} has no meaning over HTTP: leave it out`)
  if (token === undefined) throw new ConfigError(`${WHERE}: url is over HTTP: pass its token, too`)
  return { by: "http", url, token }
}

function wayFrom(environment: Environment, given: Parts): Way {
  const found = findServer(environment)
  if (found.by === "http") return httpWay({ ...given, url: found.url }, found.token)
  const { name: _name, ...parts } = given
  readEndpoint(`${WHERE}, from ${found.name}`, { ...parts, url: found.url })
  return { by: "tcp", endpoint: { ...given, url: found.url } }
}

function beside(transport: Transport, given: object): Way {
  const [other] = Object.keys(given)
  if (other === undefined) return { by: "transport", transport }
  throw new ConfigError(`${WHERE}: transport already says where the server is: leave out ${other}`)
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(options: T): Defined<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<T>
}
