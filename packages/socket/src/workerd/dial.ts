import { ConnectionError } from "@warmpool/core"
import type { ByteStream, StreamEvents } from "@warmpool/core/resp"
import type { Dial } from "../dial.ts"
import { orAbort } from "../transport.ts"
import type { Connect, WorkerSocket } from "./worker-socket.ts"
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
    const socket = await openSocket(() => connect({ hostname, port }, options), signal).catch((error) => {
      if (error instanceof ConnectionError) throw error
      const why = error instanceof Error ? error.message : "refused"
      throw new ConnectionError(`no connection to ${hostname}:${port}: ${why}`, {
        cause: error,
        fate: "unsent",
      })
    })
    const stream = new WorkerStream(socket)
    const events = open(stream)
    void stream.listen(events)
    return events
  }
}

/** Closes the socket again unless it opens in time. */
async function openSocket(dial: () => WorkerSocket, signal: AbortSignal): Promise<WorkerSocket> {
  const socket = dial()
  // Told elsewhere as well; a rejection that nobody hears would end the Worker's request.
  socket.closed.catch(ignore)
  try {
    await orAbort(socket.opened, signal)
    return socket
  } catch (error) {
    socket.close().catch(ignore)
    throw error
  }
}

function ignore(): void {}
