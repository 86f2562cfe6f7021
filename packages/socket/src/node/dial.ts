import { Buffer } from "node:buffer"
import { connect, isIP, type OnReadOpts, type Socket } from "node:net"
import { ConnectionError } from "@warmpool/core"
import type { ByteStream, StreamEvents } from "@warmpool/core/resp"
import type { Dial } from "../dial.ts"
import { abandoned } from "../transport.ts"
import { NodeStream } from "./node-stream.ts"
import { TlsClient, type TlsOptions } from "./tls.ts"

/** Where a server is, and how TLS is spoken with it. */
export interface NodeTarget {
  readonly host: string
  readonly port: number
  /** A Unix socket, instead of host and port. */
  readonly path?: string | undefined
  readonly tls?: TlsOptions | undefined
}

const READ_BYTES = 65_536
const KEEP_ALIVE_MS = 30_000

/** Opens TCP, Unix and TLS sockets to one server. */
export function nodeDial(target: NodeTarget): Dial {
  const { host, path, tls } = target
  const name = path === undefined && isIP(host) === 0 ? host : undefined
  const client = tls && new TlsClient(tls, name)

  return <E extends StreamEvents>(signal: AbortSignal, open: (stream: ByteStream) => E): Promise<E> =>
    new Promise((resolve, reject) => {
      let events: StreamEvents | undefined
      const onBytes = (chunk: Uint8Array) => events?.onBytes(chunk)
      const raw = openSocket(target, client ? undefined : readInto(onBytes))
      const settled = () => signal.removeEventListener("abort", giveUp)
      const fail = (error: Error) => {
        settled()
        raw.destroy()
        reject(error)
      }
      const giveUp = () => fail(abandoned(signal))
      const refuse = (error: Error) => fail(noConnection(target, error))
      const ready = (socket: Socket) => {
        settled()
        socket.off("error", refuse)
        const stream = new NodeStream({ socket, raw, isTcp: path === undefined })
        const opened = open(stream)
        events = opened
        stream.listen(opened)
        resolve(opened)
      }
      signal.addEventListener("abort", giveUp, { once: true })
      raw.on("error", refuse)
      raw.once("connect", () => (client ? secure(client.over(raw)) : ready(raw)))
      const secure = (socket: Socket) => {
        socket.on("error", refuse)
        // Node takes no `onread` here: TLS over a socket of one's own, which is what can be reset.
        socket.on("data", onBytes)
        socket.once("secureConnect", () => ready(socket))
      }
    })
}

function openSocket({ host, port, path }: NodeTarget, onread: OnReadOpts | undefined): Socket {
  return connect({
    ...(path === undefined ? { host, port } : { path }),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    // We end the socket ourselves: Node's own end would be in the way of a reset.
    allowHalfOpen: true,
    ...(onread && { onread }),
  })
}

/** One buffer for all that is read: the parser keeps nothing of it. */
function readInto(onBytes: (chunk: Uint8Array) => void): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(length, buffer) {
      onBytes(buffer.subarray(0, length))
      return true
    },
  }
}

function noConnection({ host, port, path }: NodeTarget, cause: Error): ConnectionError {
  const where = path ?? `${host.includes(":") ? `[${host}]` : host}:${port}`
  const first = cause instanceof AggregateError ? cause.errors[0] : cause
  const why = String(first?.code ?? cause.name)
  return new ConnectionError(`no connection to ${where}: ${why}`, { cause: first, fate: "unsent" })
}
