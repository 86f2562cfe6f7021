import { once } from "node:events"
import { connect as connectTcp, type Socket } from "node:net"
import type { Connect, WorkerSocket } from "./worker-socket.ts"

/** What was asked of `connect`. */
export interface Dialled {
  readonly address: { readonly hostname: string; readonly port: number }
  readonly options: object
}

/**
 * A `connect` like that of workerd, over Node's TCP: byte streams and promises. Giving up a stream is a reset here; what
 * workerd makes of it only a test inside workerd can tell.
 */
export function nodeConnect(dialled: Dialled[] = []): Connect {
  return (address, options): WorkerSocket => {
    dialled.push({ address, options })
    const socket = connectTcp({
      host: address.hostname,
      port: address.port,
      noDelay: true,
      allowHalfOpen: true,
    })
    const opened = new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve)
      socket.once("error", () =>
        reject(new Error("proxy request failed, cannot connect to the specified address")),
      )
    })
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
    socket.on("error", () => {})
    return {
      opened,
      closed,
      readable: readableOf(socket),
      writable: new WritableStream({
        write: (chunk) => written(socket, chunk),
        abort: () => void socket.resetAndDestroy(),
      }),
      async close() {
        socket.destroy()
        await closed
      },
    }
  }
}

function written(socket: Socket, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The memory is the writer's again when this resolves; Node is done with it then.
    socket.write(chunk, (error) => (error ? reject(new Error("Network connection lost.")) : resolve()))
  })
}

function readableOf(socket: Socket): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    cancel: () => void socket.resetAndDestroy(),
    async pull(controller) {
      const view = controller.byobRequest?.view
      if (!view) throw new Error("workerd is read with a buffer of one's own")
      const piece = await nextPiece(socket, view.byteLength)
      if (piece) {
        new Uint8Array(view.buffer, view.byteOffset).set(piece)
        controller.byobRequest?.respond(piece.length)
      } else {
        controller.close()
        controller.byobRequest?.respond(0)
      }
    },
  })
}

/** Undefined at the end. */
async function nextPiece(socket: Socket, most: number): Promise<Buffer | undefined> {
  for (;;) {
    const ready = Math.min(most, socket.readableLength)
    const piece: Buffer | null = ready > 0 ? socket.read(ready) : socket.read()
    if (piece) return piece
    if (socket.errored) throw new Error("Network connection lost.")
    if (socket.readableEnded || socket.destroyed) return undefined
    const giveUp = new AbortController()
    await Promise.race(
      ["readable", "end", "close"].map((event) => once(socket, event, { signal: giveUp.signal })),
    ).catch(() => {})
    giveUp.abort()
  }
}
