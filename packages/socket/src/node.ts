import { readEndpoint, readOptions } from "@warmpool/core/config"
import { nodeCodec } from "./node/codec.ts"
import { nodeDial } from "./node/dial.ts"
import { readTls } from "./node/read-tls.ts"
import type { TlsOptions } from "./node/tls.ts"
import { readIdentity, type SocketOptions, socketSpec } from "./options.ts"
import { makeTransport, type SocketTransport } from "./transport.ts"

export type { AskCredentials, Credentials } from "./credentials.ts"
export type { TlsOptions } from "./node/tls.ts"
export type { SocketOptions } from "./options.ts"
export type { SocketConnectOptions, SocketTransport } from "./transport.ts"

/** What `socketTransport` takes on Node. */
export interface NodeSocketOptions extends SocketOptions {
  /** Whether to speak TLS, or how: certificates and names as `node:tls` takes them. @defaultValue false */
  readonly tls?: boolean | TlsOptions | undefined
}

const WHERE = "socketTransport"

/**
 * A transport that speaks RESP over sockets of our own: TCP, TLS and Unix sockets.
 *
 * @throws ConfigError if an option is unknown or wrong, or two contradict.
 */
export function socketTransport(options: NodeSocketOptions): SocketTransport {
  const read = readOptions(WHERE, socketSpec, options)
  const endpoint = readEndpoint(WHERE, read)
  const identity = readIdentity(WHERE, endpoint, read)
  const { host, port, path } = endpoint
  const tls = endpoint.tls ? readTls(WHERE, read.tls) : undefined
  return makeTransport({ dial: nodeDial({ host, port, path, tls }), codec: nodeCodec }, identity)
}
