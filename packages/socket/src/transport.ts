import {
  type Arg,
  type Connection,
  ConnectionError,
  type Request,
  type Traits,
  type Transport,
} from "@warmpool/core"
import { type Codec, RespConnection } from "@warmpool/core/resp"
import { type AskCredentials, type Credentials, Keyring } from "./credentials.ts"
import type { Dial } from "./dial.ts"
import { introduce } from "./handshake.ts"

/** What `connect` of a socket takes beside what every transport takes. */
export interface SocketConnectOptions {
  readonly signal: AbortSignal
  readonly key?: Arg
  /**
   * Asked once the stream stands, for reads that leave in the handshake's own write. If the handshake is refused their
   * replies are discarded and they are lost with the refusal.
   */
  readonly ride?: () => readonly Request[]
}

/** Opens sockets to one server. */
export interface SocketTransport extends Transport {
  connect(options: SocketConnectOptions): Promise<Connection>
}

/** What a connection introduces itself with. */
export interface Identity {
  readonly credentials: Credentials | AskCredentials | undefined
  readonly database: number
  readonly name: string | undefined
}

/** The platform's part of a transport. */
export interface Platform {
  readonly dial: Dial
  readonly codec: Codec
}

const TRAITS: Traits = {
  persistent: true,
  leases: true,
  maxRequests: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
}

/** Makes the transport of a platform. */
export function makeTransport({ dial, codec }: Platform, identity: Identity): SocketTransport {
  const { credentials, database, name } = identity
  const keyring = typeof credentials === "function" ? new Keyring(credentials) : undefined
  const fixed = typeof credentials === "function" ? undefined : credentials

  const connect = async ({ signal, ride }: SocketConnectOptions): Promise<Connection> => {
    if (signal.aborted) throw abandoned(signal)
    const own = keyring ? await orAbort(keyring.get(), signal) : fixed
    const connection = await dial(signal, (stream) => new RespConnection(stream, codec))
    const giveUp = () => connection.destroy(abandoned(signal))
    signal.addEventListener("abort", giveUp, { once: true })
    try {
      await introduce(connection, { credentials: own, database, name }, ride?.() ?? [])
      return connection
    } catch (refusal) {
      keyring?.forget()
      throw refusal
    } finally {
      signal.removeEventListener("abort", giveUp)
    }
  }
  return { traits: TRAITS, connect }
}

/** The error of an attempt that its signal ended. */
export function abandoned(signal: AbortSignal): ConnectionError {
  return new ConnectionError("the connection was given up before it stood", {
    cause: signal.reason,
    fate: "unsent",
  })
}

/** Waits for a promise no longer than the signal allows. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(abandoned(signal))
    signal.addEventListener("abort", giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp))
  })
}
