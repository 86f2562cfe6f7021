import { connect } from "cloudflare:sockets"
import type { SocketTransport } from "./transport.ts"
import { makeWorkerTransport, type WorkerSocketOptions } from "./workerd/make-transport.ts"

export type { AskCredentials, Credentials } from "./credentials.ts"
export type { SocketConnectOptions, SocketTransport } from "./transport.ts"
export type { WorkerSocketOptions } from "./workerd/make-transport.ts"
export type { Connect, WorkerSocket } from "./workerd/worker-socket.ts"

/**
 * A transport that speaks RESP over sockets of workerd, without `nodejs_compat`. A connection belongs to the request or
 * Durable Object that opened it.
 *
 * @throws ConfigError if an option is unknown or wrong, or two contradict; for what workerd can't do: Unix sockets and
 * certificates of one's own.
 */
export function socketTransport(options: WorkerSocketOptions): SocketTransport {
  return makeWorkerTransport(options, connect)
}
