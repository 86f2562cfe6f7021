import { connect as connectTcp, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { encodeCommand, type RedisReply, ReplyReader } from "./resp-reply.ts"

/** The name under which control connections stand in CLIENT LIST. */
export const CONTROL_NAME = "warmpool-control"

interface Waiter {
  resolve(reply: RedisReply): void
  reject(error: Error): void
}

/** One connection to a server, with its handshake. Idle, it keeps no process alive. */
export class ControlConnection {
  /** Resolves when the handshake is done; rejects when the server refuses it or can't be reached. */
  readonly ready: Promise<void>
  readonly #socket: Socket
  readonly #waiters: Waiter[] = []
  #reason: Error | undefined

  constructor(url: URL) {
    const socket = dial(url)
    const reader = new ReplyReader((reply) => this.#settle(reply))
    this.#socket = socket
    socket.on("data", (chunk) => reader.push(chunk))
    socket.on("error", (error) => this.drop(error))
    socket.on("end", () => this.drop(new Error("the server closed the control connection")))
    socket.on("close", () => this.#lose(new Error("the control connection was lost")))
    this.ready = this.#shakeHands(url)
    this.ready.catch((error) => this.drop(error))
  }

  get lost(): boolean {
    return this.#reason !== undefined
  }

  ask(args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      if (this.#reason) {
        reject(this.#reason)
        return
      }
      this.#waiters.push({ resolve, reject })
      this.#socket.ref()
      this.#socket.write(encodeCommand(args))
    })
  }

  /** Closes now; whoever waits for a reply is told the first reason. */
  drop(reason: Error): void {
    this.#reason ??= reason
    this.#socket.destroy()
  }

  async #shakeHands(url: URL): Promise<void> {
    const password = decodeURIComponent(url.password)
    const username = decodeURIComponent(url.username)
    const database = url.pathname.replace("/", "")
    if (password !== "") await this.ask(username === "" ? ["AUTH", password] : ["AUTH", username, password])
    await this.ask(["CLIENT", "SETNAME", CONTROL_NAME])
    if (database !== "" && database !== "0") await this.ask(["SELECT", database])
  }

  #settle(reply: RedisReply): void {
    const waiter = this.#waiters.shift()
    if (this.#waiters.length === 0) this.#socket.unref()
    if (reply instanceof Error) waiter?.reject(reply)
    else waiter?.resolve(reply)
  }

  #lose(otherwise: Error): void {
    this.#reason ??= otherwise
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#reason)
  }
}

function dial(url: URL): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const address = { host, port: Number(url.port || 6379), noDelay: true }
  return /^(?:rediss|valkeys):$/.test(url.protocol) ? connectTls(address) : connectTcp(address)
}
