import type { Socket } from "node:net"
import type { ByteStream, StreamEvents } from "@warmpool/core/resp"

/** The sockets of one stream. */
export interface Sockets {
  /** What is written to and read from. */
  readonly socket: Socket
  /** The TCP or Unix socket below; the same one, unless there is TLS between. */
  readonly raw: Socket
  /** Whether it is TCP: Node resets nothing else. */
  readonly isTcp: boolean
}

/** A byte stream over `node:net`, or over `node:tls` on top of it. */
export class NodeStream implements ByteStream {
  readonly #socket: Socket
  readonly #raw: Socket
  readonly #isTcp: boolean
  #events: StreamEvents | undefined
  #isUnderWay = false

  constructor({ socket, raw, isTcp }: Sockets) {
    this.#socket = socket
    this.#raw = raw
    this.#isTcp = isTcp
  }

  /** Tells the events; `end` and `error` at once: `close` comes a turn of the loop later. */
  listen(events: StreamEvents): void {
    this.#events = events
    this.#socket.on("error", (error: Error) => events.onEnd(error))
    this.#socket.on("end", () => events.onEnd())
    this.#raw.on("close", () => events.onGone())
  }

  /** A write that fails at once leaves its error here; the event comes a turn later. */
  get isBroken(): boolean {
    return this.#socket.destroyed || this.#socket.errored !== null
  }

  write(chunk: Uint8Array): boolean {
    this.#socket.write(chunk, this.#onWritten)
    // Node writes at once what the kernel takes; the callback that says so comes later, and is not waited for.
    this.#isUnderWay = this.#socket.writableLength > 0
    return !this.#isUnderWay && !this.isBroken
  }

  close(): void {
    this.#socket.destroy()
    this.#raw.destroy()
  }

  reset(): void {
    // The socket below TLS goes first: TLS would close it in order.
    if (this.#isTcp) this.#raw.resetAndDestroy()
    else this.#raw.destroy()
    this.#socket.destroy()
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error || !this.#isUnderWay || this.#socket.writableLength > 0) return
    this.#isUnderWay = false
    this.#events?.onTaken()
  }
}
