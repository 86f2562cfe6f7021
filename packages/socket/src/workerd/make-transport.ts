import { ConfigError } from "@warmpool/core"
import { fn, readEndpoint, readOptions } from "@warmpool/core/config"
import { readIdentity, type SocketOptions, socketSpec } from "../options.ts"
import { makeTransport, type SocketTransport } from "../transport.ts"
import { workerDial } from "./dial.ts"
import type { Connect } from "./worker-socket.ts"

/** What `socketTransport` takes in workerd. */
export interface WorkerSocketOptions extends SocketOptions {
  /** workerd trusts the authorities it knows, and no others. @defaultValue false */
  readonly tls?: boolean | undefined
  /** Opens the sockets instead of `cloudflare:sockets`: a binding to a private network. */
  readonly connect?: Connect | undefined
}

const WHERE = "socketTransport"

/** The transport of workerd, with `connect` where the options bring none. */
export function makeWorkerTransport(options: WorkerSocketOptions, connect: Connect): SocketTransport {
  const read = readOptions(WHERE, { ...socketSpec, connect: fn<Connect>() }, options)
  const endpoint = readEndpoint(WHERE, read)
  if (endpoint.path !== undefined) {
    throw new ConfigError(
      `${WHERE}: workerd has no Unix sockets: leave out path, give a host or a url that begins with redis:`,
    )
  }
  if (typeof read.tls === "object") {
    throw new ConfigError(`${WHERE}: workerd takes no certificates: tls is true or false here`)
  }
  const identity = readIdentity(WHERE, endpoint, read)
  const { host, port, tls } = endpoint
  const dial = workerDial({ host, port, tls, connect: read.connect ?? connect })
  return makeTransport({ dial, codec: {} }, identity)
}
