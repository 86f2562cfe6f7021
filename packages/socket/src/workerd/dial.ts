import { ConnectionError } from "@warmpool/core"
import type { ByteStream, Dial, StreamEvents } from "../byte-stream.ts"
import { orAbort } from "../transport.ts"
import type { Connect } from "./worker-socket.ts"
import { WorkerStream } from "./worker-stream.ts"

/** Where a server is. */
export interface WorkerTarget {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly connect: Connect
}

/** Opens sockets of workerd to one server. */
export function workerDial({ host, port, tls, connect }: WorkerTarget): Dial {
  const hostname = host.includes(":") ? `[${host}]` : host
  const options = { secureTransport: tls ? "on" : "off", allowHalfOpen: false } as const

  return async <E extends StreamEvents>(signal: AbortSignal, open: (stream: ByteStream) => E): Promise<E> => {
    const socket = connect({ hostname, port }, options)
    try {
      await orAbort(socket.opened, signal)
    } catch (error) {
      socket.close().catch(() => {})
      if (error instanceof ConnectionError) throw error
      const why = error instanceof Error ? error.message : "refused"
      throw new ConnectionError(`no connection to ${hostname}:${port}: ${why}`, {
        cause: error,
        fate: "unsent",
      })
    }
    const stream = new WorkerStream(socket)
    const events = open(stream)
    void stream.listen(events)
    return events
  }
}
