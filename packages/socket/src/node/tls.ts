import type { Socket } from "node:net"
import type { ConnectionOptions, TLSSocket } from "node:tls"

/** How TLS is spoken on Node: named and meant as in `node:tls`. */
export interface TlsOptions {
  /** Who may vouch for the server, instead of the authorities that Node trusts; PEM. */
  readonly ca?: string | Uint8Array | (string | Uint8Array)[] | undefined
  /** Our own certificate, for a server that asks for one; PEM. */
  readonly cert?: string | Uint8Array | (string | Uint8Array)[] | undefined
  readonly key?: string | Uint8Array | (string | Uint8Array)[] | undefined
  readonly passphrase?: string | undefined
  /** What the server's certificate must be for, and what SNI asks for. @defaultValue the host, unless it is an address */
  readonly servername?: string | undefined
  /** @defaultValue true */
  readonly rejectUnauthorized?: boolean | undefined
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined
  readonly checkServerIdentity?: ConnectionOptions["checkServerIdentity"]
}

/** Speaks TLS over open sockets to one server, and resumes its last session. */
export class TlsClient {
  readonly #options: ConnectionOptions
  #session: Buffer | undefined

  /** `name`: what the certificate must be for, unless the options say. */
  constructor(options: TlsOptions, name: string | undefined) {
    this.#options = { ...(name === undefined ? {} : { servername: name }), ...(options as ConnectionOptions) }
  }

  /** Begins the handshake; `secureConnect` or `error` follows. */
  over(socket: Socket): TLSSocket {
    // Only who needs TLS pays for loading it.
    const { connect } = process.getBuiltinModule("node:tls")
    const session = this.#session ? { session: this.#session } : {}
    const options = { ...this.#options, ...session, socket, allowHalfOpen: true }
    const secured = connect(options)
    secured.on("session", (ticket: Buffer) => {
      this.#session = ticket
    })
    return secured
  }
}
