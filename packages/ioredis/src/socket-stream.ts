import type { Socket } from "node:net"
import type { ByteStream, StreamEvents } from "@warmpool/core/resp"
import { resetSocket } from "./reset-socket.ts"

/**
 * The byte stream of a socket that ioredis opened. ioredis' own commands are not used: it writes each by itself, can't
 * tell whether bytes reached the kernel, and its decoder loses the difference between `+OK` and a bulk "OK".
 */
export class SocketStream implements ByteStream {
  readonly #socket: Socket
  #events: StreamEvents | undefined
  #isUnderWay = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Takes the socket over: what others would read from it is ours now. `close` comes late, and is not waited for. */
  listen(events: StreamEvents): void {
    this.#events = events
    const socket = this.#socket
    socket.removeAllListeners("data")
    socket.on("data", (chunk: Buffer) => events.onBytes(chunk))
    socket.on("end", () => events.onEnd())
    socket.on("error", (error: Error) => events.onEnd(error))
    socket.on("close", () => events.onGone())
  }

  get isBroken(): boolean {
    return !this.#socket.writable || this.#socket.errored !== null
  }

  write(chunk: Uint8Array): boolean {
    this.#socket.write(chunk, this.#onWritten)
    this.#isUnderWay = this.#socket.writableLength > 0
    return !this.#isUnderWay && !this.isBroken
  }

  close(): void {
    this.#socket.destroy()
  }

  reset(): void {
    resetSocket(this.#socket)
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error || !this.#isUnderWay || this.#socket.writableLength > 0) return
    this.#isUnderWay = false
    this.#events?.onTaken()
  }
}
