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
  readonly #attempts = new Set<AbortController>()
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
    const attempt = new AbortController()
    const { signal } = attempt
    const timer = this.#host.after(this.#timeoutMs, () => void this.#expire(attempt))
    this.#attempts.add(attempt)
    const opened = new Promise<Connection>((resolve, reject) => {
      // A transport that is deaf to its signal holds nobody up.
      signal.addEventListener("abort", () => reject(signal.reason))
      const connect = async () => this.#transport.connect(node === undefined ? { signal } : { signal, node })
      connect().then(
        (connection) => {
          if (signal.aborted) connection.destroy(new ConnectionError("opened after it was given up"))
          resolve(connection)
        },
        (error: unknown) => reject(error instanceof Error ? error : new ConnectionError(String(error))),
      )
    })
    return opened.finally(() => {
      timer.cancel()
      this.#attempts.delete(attempt)
    })
  }

  /** Gives up every attempt under way, for good. */
  abandon(reason: Error): void {
    this.#abandoned = true
    for (const attempt of this.#attempts) attempt.abort(reason)
  }

  /** A process that was frozen while it connected looks at its sockets before it calls the attempt late. */
  async #expire(attempt: AbortController): Promise<void> {
    await this.#host.turn()
    await this.#host.turn()
    const message = `no connection in ${this.#timeoutMs} ms: ${ADVICE} Else raise connectTimeoutMs`
    // One that opened meanwhile is its user's.
    if (!this.#attempts.has(attempt)) return
    attempt.abort(new ConnectionError(message, { fate: "unsent", waitedMs: this.#timeoutMs }))
  }
}
