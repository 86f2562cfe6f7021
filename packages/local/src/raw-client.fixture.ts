import { connect, type Socket } from "node:net"
import { encodeCommand } from "./resp-reply.ts"

/** A client that hides nothing: the bytes it received, and what happened to its socket, in order. */
export class RawClient implements Disposable {
  readonly socket: Socket
  /** `connect`, `end` (a FIN), the code of an error such as `ECONNRESET`. */
  readonly events: string[] = []
  text = ""
  #waiters: { met: () => boolean; resolve: () => void }[] = []

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true })
    this.socket.setEncoding("latin1")
    this.socket.on("data", (chunk) => {
      this.text += String(chunk)
      this.#check()
    })
    for (const event of ["connect", "end"]) this.socket.on(event, () => this.#note(event))
    this.socket.on("error", (error: NodeJS.ErrnoException) => this.#note(error.code ?? error.message))
  }

  send(...args: readonly (string | number)[]): void {
    this.socket.write(encodeCommand(args))
  }

  /** Resolves when so much has been received. */
  received(text: string): Promise<void> {
    return this.#until(() => this.text.includes(text))
  }

  /** Resolves when this has happened. */
  saw(event: string): Promise<void> {
    return this.#until(() => this.events.includes(event))
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #until(met: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ met, resolve })
      this.#check()
    })
  }

  #note(event: string): void {
    this.events.push(event)
    this.#check()
  }

  #check(): void {
    const met = this.#waiters.filter((waiter) => waiter.met())
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter))
    for (const waiter of met) waiter.resolve()
  }
}
