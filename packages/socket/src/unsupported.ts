import { ConfigError } from "@warmpool/core"
import type { SocketOptions } from "./options.ts"
import type { SocketTransport } from "./transport.ts"

export type { AskCredentials, Credentials } from "./credentials.ts"
export type { SocketOptions } from "./options.ts"
export type { SocketConnectOptions, SocketTransport } from "./transport.ts"

/**
 * Stands where there are no sockets: the edge, browsers, bundles that were built for them.
 *
 * @throws ConfigError, always; it says what to use instead.
 */
export function socketTransport(_options: SocketOptions): SocketTransport {
  throw new ConfigError(
    "socketTransport: there are no TCP sockets in this runtime, as far as its bundler told: use upstashTransport of @warmpool/upstash, import @warmpool/socket/node or @warmpool/socket/workerd, or set the bundler's conditions (esbuild: --conditions=node)",
  )
}
