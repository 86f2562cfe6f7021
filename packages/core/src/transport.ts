import type { ClusterRoutes } from "./cluster/routes.ts"
import type { Fate } from "./errors.ts"
import type { LaneLimits } from "./exchange-lane.ts"
import type { MainLane, Surroundings } from "./lane.ts"

/** One argument of a command as it goes on the wire. */
export type Arg = string | Uint8Array

/**
 * One reply in its RESP2 shape. An integer beyond 2^53 is a string, exact; with `decode: "bytes"` strings are
 * `Uint8Array`; an error nested in an array or a transaction is a value.
 */
export type Reply = string | number | Uint8Array | null | Error | readonly Reply[]

/**
 * How a reply is handed over; `raw` gives its own RESP bytes as one `Uint8Array`. Who has none of them gives an array
 * of one reply: its strings are bytes, its texts a status or an integer too long for a number.
 */
export type Decode = "text" | "bytes" | "raw"

/** Where one reply goes. Exactly one of the three is called, once. */
export interface Owed<T> {
  readonly decode: Decode
  /** The reply; errors nested in it are values. */
  resolve(reply: T): void
  /** The server's error reply: a `ReplyError`. */
  reject(error: Error): void
  /** The connection was lost before the reply: `unsent` if no byte of it reached the kernel. */
  lose(fate: Exclude<Fate, "refused">, cause: Error): void
}

/** One command in flight: its name and arguments, flat, and where its reply goes. */
export interface Request extends Owed<Reply> {
  readonly args: readonly Arg[]
}

/** Commands that run as one `MULTI … EXEC`. Resolves with null when WATCH failed; rejects on EXECABORT. */
export interface Transaction extends Owed<readonly Reply[] | null> {
  readonly commands: readonly (readonly Arg[])[]
}

/**
 * One open way to the server; it has mechanism and no policy: it never retries, waits or times out by itself.
 * Replies come in the order of `send`. On a loss every owed request is lost, oldest first, and only then do the
 * close listeners run, once.
 */
export interface Connection {
  /** Writes once; settles each request as its reply arrives. After a close everything is lost as `unsent`. */
  send(batch: readonly (Request | Transaction)[], signal?: AbortSignal): void
  /** Replies still to come; a transaction counts as one. */
  readonly owed: number
  /** Walks what is in flight, oldest first. */
  each(visit: (owed: Owed<unknown>) => void): void
  /** Bytes ever received: the sign of life. */
  readonly received: number
  /**
   * Takes what the server sends unasked: the messages of subscriptions, as in RESP2. From then on the strings of all
   * replies are bytes. Missing where the server can't send by itself.
   */
  onPush?(listener: (push: readonly Reply[]) => void): void
  /** When the last byte came, or the connection opened: wall clock, ms. */
  readonly lastByteAt: number
  /** Bytes not yet taken by the kernel. */
  readonly backlog: number
  /** Adds a listener that runs whenever `backlog` has fallen to zero again. */
  onWritable(listener: () => void): void
  /** Adds a listener for the end of the connection; runs at once if it is closed already. */
  onClose(listener: (reason: Error) => void): void
  /** Closes after the last reply; resolves when the socket is gone. May be called twice. */
  close(): Promise<void>
  /** Closes now, by reset: nothing still buffered is delivered later. Owed requests are lost with `reason`. */
  destroy(reason: Error): void
}

/** What a transport can do, and the most it takes at once. */
export interface Traits {
  /** Whether a connection lives on between batches. */
  readonly persistent: boolean
  /** Whether a connection can be leased. */
  readonly leases: boolean
  /** Most requests in one batch. */
  readonly maxRequests: number
  /** Most bytes in one batch. */
  readonly maxBytes: number
}

/** Opens connections. */
export interface Transport {
  readonly traits: Traits
  /**
   * Opens one connection, its handshake done or under way as the transport's own rules allow.
   *
   * @param options.signal - Abandons the attempt; the promise then rejects and the socket is gone.
   * @param options.node - The address of the node that is wanted, where the server is a cluster; else any master.
   * @throws ConnectionError when there is no way to the server; ReplyError when it refused the handshake.
   */
  connect(options: { readonly signal: AbortSignal; readonly node?: string }): Promise<Connection>
  /** Where the server is a cluster: how requests find their nodes. */
  readonly cluster?: ClusterRoutes
  /** Makes the lane of ordinary commands where no connection is kept for them: `ExchangeLane` of `@warmpool/core/exchange`. */
  lane?(surroundings: Surroundings, limits: LaneLimits): MainLane
}
