import { ConfigError, type PortableRedis } from "@warmpool/core"
import { flag, fn, integer, object, oneOf, readOptions } from "@warmpool/core/config"
import { laneOf } from "@warmpool/core/lane"
import { type AclUser, type Grant, readGrants, type Tokens } from "./grants.ts"

/** Which pages of other origins may call the gateway. */
export interface CorsOptions {
  /** Origins such as `https://app.example`, or `"*"`. */
  readonly origins: "*" | readonly string[]
  /** How long a browser may remember the answer, s. @defaultValue 600 */
  readonly maxAgeSeconds?: number | undefined
}

/** What `createGateway` takes. */
export interface GatewayOptions {
  /** The client that commands go through; it stays the caller's. */
  readonly redis: PortableRedis
  readonly tokens: Tokens
  /** Makes the client of a token's `user`; the gateway drains it when no token names the user any more. */
  readonly openRedis?: ((user: AclUser) => PortableRedis) | undefined
  /** Most bytes of a request's body; beyond them the answer is 413. @defaultValue 10_485_760 */
  readonly maxBodyBytes?: number | undefined
  /**
   * Most bytes of the bodies of all requests under way; beyond them the answer is 503 with `Retry-After`.
   *
   * @defaultValue 268_435_456, or `maxBodyBytes` if that is more
   */
  readonly maxBufferedBytes?: number | undefined
  /** Most commands of one pipeline or transaction. @defaultValue 100_000 */
  readonly maxCommands?: number | undefined
  /** Most words of one command. @defaultValue 1_000_000 */
  readonly maxArguments?: number | undefined
  /** Most requests at once; beyond them the answer is 503 with `Retry-After`. @defaultValue 1_000 */
  readonly maxConcurrent?: number | undefined
  /** Most event streams at once. @defaultValue 1_000 */
  readonly maxStreams?: number | undefined
  /** Most of them that may be MONITOR, which holds a connection of the pool for each. @defaultValue 2 */
  readonly maxMonitors?: number | undefined
  /** Answers HEAD as GET without its body. @defaultValue false */
  readonly head?: boolean | undefined
  /** Answers browsers of other origins. @defaultValue none */
  readonly cors?: CorsOptions | undefined
  /** Answers `GET /healthz`, which says whether requests are taken and never asks Redis. @defaultValue false */
  readonly health?: boolean | undefined
  /** Answers `GET /metrics`: to full tokens, or to anybody. @defaultValue "off" */
  readonly metrics?: "off" | "token" | "open" | undefined
  /** Told of what should not happen: what is answered with 500. */
  readonly onError?: ((error: unknown) => void) | undefined
}

const MOST = Number.MAX_SAFE_INTEGER
const BUFFERED_BYTES = 268_435_456

/** The names of the options above, for entries that pass them on. */
export const gatewayOptionSpec = {
  redis: object<PortableRedis>(),
  tokens: { expects: "a string or an array", accepts: isTokens, fallback: undefined as Tokens | undefined },
  openRedis: fn<(user: AclUser) => PortableRedis>(),
  maxBodyBytes: integer(1, 1 << 30, 10_485_760),
  maxBufferedBytes: integer(1, MOST),
  maxCommands: integer(1, MOST, 100_000),
  maxArguments: integer(1, MOST, 1_000_000),
  maxConcurrent: integer(1, MOST, 1_000),
  maxStreams: integer(0, MOST, 1_000),
  maxMonitors: integer(0, MOST, 2),
  head: flag(false),
  cors: object<CorsOptions>(),
  health: flag(false),
  metrics: oneOf(["off", "token", "open"], "off"),
  onError: fn<(error: unknown) => void>(),
} as const

const corsSpec = {
  origins: {
    expects:
      '"*" or an array of origins as browsers send them, such as https://app.example: nothing behind the host',
    accepts: isOrigins,
    fallback: undefined,
  },
  maxAgeSeconds: integer(0, 86_400, 600),
} as const

/** Which origins are answered, and what they may remember. */
export interface Cors {
  readonly origins: "*" | ReadonlySet<string>
  readonly maxAgeSeconds: number
}

type Defaulted = Omit<GatewayOptions, "tokens" | "cors" | "openRedis" | "onError">

/** Options, checked and with their defaults. */
export type Settings = { readonly [Name in keyof Defaulted]-?: NonNullable<Defaulted[Name]> } & {
  readonly grants: readonly Grant[]
  readonly cors: Cors | undefined
  readonly openRedis: GatewayOptions["openRedis"]
  readonly onError: GatewayOptions["onError"]
}

/**
 * Checks options and fills in defaults.
 *
 * @throws ConfigError naming what is wrong.
 */
export function readSettings(where: string, options: GatewayOptions): Settings {
  const { redis, tokens, cors, ...others } = readOptions(where, gatewayOptionSpec, options)
  const { maxBodyBytes, maxBufferedBytes = Math.max(BUFFERED_BYTES, maxBodyBytes) } = others
  if (redis === undefined)
    throw new ConfigError(`${where}: the option redis is missing: pass a client of createRedis`)
  checkClient(where, redis)
  if (tokens === undefined)
    throw new ConfigError(`${where}: the option tokens is missing: nobody could use the gateway`)
  const grants = readGrants(tokens)
  checkUsers(where, grants, others.openRedis)
  if (maxBufferedBytes < maxBodyBytes)
    throw new ConfigError(
      `${where}: maxBufferedBytes is less than maxBodyBytes: no body of that size has room`,
    )
  return { ...others, maxBufferedBytes, redis, grants, cors: cors && readCors(where, cors) }
}

function checkClient(where: string, redis: PortableRedis): void {
  try {
    laneOf(redis)
  } catch (cause) {
    throw new ConfigError(`${where}: redis is no client: pass what createRedis gives`, { cause })
  }
}

/** @throws ConfigError for a token with a user where nothing opens a client for it. */
export function checkUsers(where: string, grants: readonly Grant[], openRedis: unknown): void {
  if (openRedis === undefined && grants.some(({ user }) => user))
    throw new ConfigError(`${where}: a token has a user: pass openRedis, which makes a client for it`)
}

function readCors(where: string, given: CorsOptions): Cors {
  const { origins, maxAgeSeconds } = readOptions(`${where}: cors`, corsSpec, given)
  const named: CorsOptions["origins"] | undefined = origins
  if (named === undefined)
    throw new ConfigError(`${where}: cors: origins is missing: an array of origins, or "*"`)
  return { origins: named === "*" ? named : new Set(named), maxAgeSeconds }
}

function isTokens(value: unknown): boolean {
  return typeof value === "string" || Array.isArray(value)
}

function isOrigins(value: unknown): boolean {
  return value === "*" || (Array.isArray(value) && value.every(isOrigin))
}

/** Whether a browser would send it so; another one would never be found. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== "string") return false
  if (!/^https?:/i.test(value)) return /^[a-z][a-z0-9+.-]*:\/\/[^/\s,]+$/.test(value) || value === "null"
  return URL.canParse(value) && new URL(value).origin === value
}
