import { constants } from "node:os"
import { integer, readOptions, text } from "@warmpool/core/config"
import type { Tokens } from "../grants.ts"
import { type GatewayOptions, gatewayOptionSpec } from "../options.ts"

/** What `serveGateway` takes beside what every gateway takes. Every duration is in milliseconds. */
export interface ServeOptions extends Omit<GatewayOptions, "tokens"> {
  /** See `createGateway`; this or `tokensFile`. */
  readonly tokens?: Tokens | undefined
  /** A file with what `tokens` takes as text. It is read again when it changes; a wrong one changes nothing. */
  readonly tokensFile?: string | undefined
  /** @defaultValue "127.0.0.1" */
  readonly host?: string | undefined
  /** 0 takes a free one. @defaultValue 8787 */
  readonly port?: number | undefined
  /** Longest wait for a request's headers. @defaultValue 10_000 */
  readonly headersTimeoutMs?: number | undefined
  /** Longest wait for a whole request. @defaultValue 30_000 */
  readonly requestTimeoutMs?: number | undefined
  /** A client that does not take its answer for so long is cut off. @defaultValue 30_000 */
  readonly responseTimeoutMs?: number | undefined
  /** A connection without requests is closed after so long. @defaultValue 75_000 */
  readonly keepAliveTimeoutMs?: number | undefined
  /** Most connections at once. @defaultValue 10_000 */
  readonly maxConnections?: number | undefined
  /** How long a drain still takes requests, so that clients and balancers notice it. @defaultValue 1_000 */
  readonly drainGraceMs?: number | undefined
  /** Longest drain; what is left then is cut off. @defaultValue 10_000 */
  readonly drainTimeoutMs?: number | undefined
  /** Signals on which it drains itself and `redis`. @defaultValue ["SIGTERM"] */
  readonly signals?: readonly NodeJS.Signals[] | undefined
}

const LONGEST_MS = 2_147_483_647

/** No process is told of these. */
const UNCAUGHT = new Set(["SIGKILL", "SIGSTOP"])

const spec = {
  tokensFile: text(),
  host: text("127.0.0.1"),
  port: integer(0, 65_535, 8_787),
  headersTimeoutMs: integer(1, LONGEST_MS, 10_000),
  requestTimeoutMs: integer(1, LONGEST_MS, 30_000),
  responseTimeoutMs: integer(1, LONGEST_MS, 30_000),
  keepAliveTimeoutMs: integer(1, LONGEST_MS, 75_000),
  maxConnections: integer(1, Number.MAX_SAFE_INTEGER, 10_000),
  drainGraceMs: integer(0, LONGEST_MS, 1_000),
  drainTimeoutMs: integer(1, LONGEST_MS, 10_000),
  signals: {
    expects: "an array of signals such as SIGTERM",
    accepts: (value: unknown) =>
      Array.isArray(value) &&
      value.every((name) => Object.hasOwn(constants.signals, name) && !UNCAUGHT.has(name)),
    fallback: ["SIGTERM"] as readonly NodeJS.Signals[],
  },
} as const

type Own = Omit<ServeOptions, keyof GatewayOptions | "tokensFile">

/** The server's own options, with their defaults. */
export type ServerSettings = { readonly [Name in keyof Own]-?: NonNullable<Own[Name]> } & {
  readonly tokensFile: string | undefined
}

/**
 * Tells the server's options from the gateway's.
 *
 * @throws ConfigError naming an option that is wrong.
 */
export function readServeOptions(where: string, options: ServeOptions): [ServerSettings, GatewayOptions] {
  const all = readOptions(where, { ...gatewayOptionSpec, ...spec }, options)
  const server: Record<string, unknown> = {}
  const gateway: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(all)) (name in spec ? server : gateway)[name] = value
  return [server as unknown as ServerSettings, gateway as unknown as GatewayOptions]
}
