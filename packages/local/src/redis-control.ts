import { CONTROL_NAME, ControlConnection } from "./control-connection.ts"
import type { RedisReply } from "./resp-reply.ts"

/** One client of the server: the fields of its line in CLIENT LIST, such as `id`, `addr`, `name`, `cmd`. */
export type RedisClient = Readonly<Record<string, string>>

/**
 * Sends commands to a server over one connection of its own, opened when needed and again after a loss. RESP2 and
 * one reply a command: no subscriptions, no MONITOR, no CLIENT REPLY.
 */
export class RedisControl {
  readonly #url: URL
  #connection: ControlConnection | undefined
  #closed: Error | undefined

  constructor(url: string) {
    this.#url = new URL(url)
  }

  /** @throws Error with the server's message when the reply is an error, or when the connection is lost. */
  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RedisReply> {
    if (this.#closed) throw this.#closed
    const connection = !this.#connection || this.#connection.lost ? this.#open() : this.#connection
    await connection.ready
    return connection.ask(args)
  }

  /** Everybody connected to the server but control connections. */
  async clients(): Promise<readonly RedisClient[]> {
    const list = await this.command("CLIENT", "LIST")
    const lines = String(list).split("\n").filter(Boolean)
    return lines.map(parseClient).filter((client) => client["name"] !== CONTROL_NAME)
  }

  /** Drops the connection; what waits for a reply is rejected, the next command opens another. */
  drop(reason = new Error("the control connection was dropped")): void {
    this.#connection?.drop(reason)
    this.#connection = undefined
  }

  close(): void {
    this.#closed ??= new Error("the control connection is closed")
    this.drop(this.#closed)
  }

  #open(): ControlConnection {
    const connection = new ControlConnection(this.#url)
    this.#connection = connection
    return connection
  }
}

function parseClient(line: string): RedisClient {
  const fields = line.split(" ").map((field): [string, string] => {
    const equals = field.indexOf("=")
    return [field.slice(0, equals), field.slice(equals + 1)]
  })
  return Object.fromEntries(fields)
}
