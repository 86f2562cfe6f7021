import { ConnectionError } from "./errors.ts"
import type { Host } from "./host.ts"
import type { Connection, Transport } from "./transport.ts"

/** What to look at when a connection does not open. TLS to a server that has none hangs in silence. */
export const ADVICE =
  "is the address right and reachable from here, with rediss: just where the server speaks TLS?"

/** Opens connections, each within `connectTimeoutMs`. */
export class Connector {
  readonly #transport: Transport
  readonly #host: Host
  readonly #timeoutMs: number
  readonly #attempts = new Set<(reason: Error) => void>()
  #abandoned = false

  constructor(transport: Transport, host: Host, timeoutMs: number) {
    this.#transport = transport
    this.#host = host
    this.#timeoutMs = timeoutMs
  }

  /** Attempts under way. */
  get connecting(): number {
    return this.#attempts.size
  }

  /**
   * Opens one connection. A connection that opens after the attempt was given up is destroyed. An attempt that a
   * freeze overtook is begun anew, once: its handshake may hang on a socket that died meanwhile.
   *
   * @throws ConnectionError when it does not open in time; whatever the transport throws.
   */
  async open(node?: string): Promise<Connection> {
    const startedAt = this.#host.now()
    try {
      return await this.#attempt(node)
    } catch (error) {
      const wasFrozen = this.#host.now() - startedAt > 2 * this.#timeoutMs
      if (!wasFrozen || this.#abandoned) throw error
      return this.#attempt(node)
    }
  }

  #attempt(node: string | undefined): Promise<Connection> {
    const abort = new AbortController()
    return new Promise((resolve, reject) => {
      let open = true
      const giveUp = (reason: Error): void => {
        if (!open) return
        end()
        abort.abort(reason)
        reject(reason)
      }
      const timer = this.#host.after(this.#timeoutMs, () => void this.#expire(giveUp))
      const end = (): void => {
        open = false
        timer.cancel()
        this.#attempts.delete(giveUp)
      }
      this.#attempts.add(giveUp)
      const options = node === undefined ? { signal: abort.signal } : { signal: abort.signal, node }
      const connect = async (): Promise<Connection> => this.#transport.connect(options)
      connect().then(
        (connection) => {
          if (!open) return connection.destroy(new ConnectionError("opened after it was given up"))
          end()
          resolve(connection)
        },
        (error: unknown) => {
          if (!open) return
          end()
          reject(error)
        },
      )
    })
  }

  /** Gives up every attempt under way, for good. */
  abandon(reason: Error): void {
    this.#abandoned = true
    for (const giveUp of [...this.#attempts]) giveUp(reason)
  }

  /** A process that was frozen while it connected looks at its sockets before it calls the attempt late. */
  async #expire(giveUp: (reason: Error) => void): Promise<void> {
    await this.#host.turn()
    await this.#host.turn()
    const message = `no connection in ${this.#timeoutMs} ms: ${ADVICE} Else raise connectTimeoutMs`
    giveUp(new ConnectionError(message, { fate: "unsent", waitedMs: this.#timeoutMs }))
  }
}
