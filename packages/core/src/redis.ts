/// <reference lib="esnext.disposable" preserve="true" />
import type { BlockingCommands, Key, PortableCommands, StatefulCommands } from "./commands/types.ts"
import type { EventDetails, EventName } from "./events.ts"
import type { ScanKeysOptions, ScanOptions } from "./iterators.ts"
import type { PoolStats } from "./pool.ts"
import type { Script, ScriptOptions } from "./script.ts"
import type { SubscribeOptions, Subscription } from "./subscription.ts"

/** The outcome of one command of a pipeline: `[null, reply]` or `[error, undefined]`. */
export type Outcome = [error: Error | null, reply: unknown]

/** Limits of a view made by `with`. */
export interface CallOptions {
  /** Ends the wait; the command rejects with the signal's reason, and `fateOf` tells what became of it. */
  readonly signal?: AbortSignal
  /** Longest wait for a reply, ms, in place of `commandTimeoutMs`. */
  readonly timeoutMs?: number
}

/** Commands collected to be sent together, in order; other callers' commands may run in between. */
export interface Pipeline extends PortableCommands<"pipeline"> {
  readonly length: number
  /** Sends them. Each command has its own outcome; rejects only with the reason of an abort. */
  exec(): Promise<Outcome[]>
}

/** Commands collected to run as one `MULTI … EXEC`: all or none, nothing of others in between. */
export interface Multi extends PortableCommands<"pipeline"> {
  readonly length: number
  /**
   * Runs them. Gives null when a watched key had changed.
   *
   * @throws ReplyError on EXECABORT: nothing ran, and `previousErrors` says why.
   * @throws OutcomeUnknownError when no reply came. A transaction is never sent twice.
   */
  exec(): Promise<Outcome[] | null>
}

/** What can take commands: a client, a view of it, a lease. */
interface Commanding {
  /** Collects commands, or takes them as `[name, ...args]`, each as if the method of that name were called. */
  pipeline(commands?: readonly (readonly unknown[])[]): Pipeline
  multi(commands?: readonly (readonly unknown[])[]): Multi
}

/** What every client can do, over HTTP too. Made by `createRedis`. */
export interface PortableRedis extends PortableCommands<"promise">, Commanding, AsyncDisposable {
  /** The same client with other limits; costs one small object. Throws ArgumentError. */
  with(options: CallOptions): this
  /** All keys, one by one; see SCAN for what that promises. Of a cluster, the keys of all masters, one after the other. */
  scanIterator(options?: ScanKeysOptions): AsyncGenerator<string, void, undefined>
  /** The fields of a hash with their values. */
  hscanIterator(
    key: Key,
    options?: ScanOptions,
  ): AsyncGenerator<[field: string, value: string], void, undefined>
  /** The members of a set. */
  sscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<string, void, undefined>
  /** The members of a sorted set with their scores. */
  zscanIterator(
    key: Key,
    options?: ScanOptions,
  ): AsyncGenerator<[member: string, score: string], void, undefined>
  /** Makes a function of a Lua script, of whose arguments the first `keys` are keys. Throws ArgumentError. */
  defineScript(lua: string, options: ScriptOptions): Script
  /** Resolves once every command of this invocation (outside one: every command) has settled. Never rejects. */
  settled(): Promise<void>
  /** Opens the connection, or validates the one there is, before it is needed. Rejects if the server can't be reached. */
  prewarm(): Promise<void>
  stats(): PoolStats
  /** Adds a listener; gives a function that removes it. Throws ArgumentError for an event that does not exist. */
  on<N extends EventName>(event: N, listener: (detail: EventDetails[N]) => void): () => void
  /** Refuses new work, lets the old finish, closes all connections. Bounded by the deadlines. */
  drain(): Promise<void>
  /** Refuses new work, gives up the old, closes all connections now. */
  close(): Promise<void>
}

/** The client over a transport that keeps connections. */
export type Redis = PortableRedis & BlockingCommands<"promise"> & Leasing

/** What `acquire` and `use` take. */
export interface LeaseOptions {
  /** A key whose node is wanted, where the server is a cluster: a lease leads to one node. Ignored elsewhere. */
  readonly key?: Key | undefined
}

interface Leasing {
  /**
   * Leases a connection for exclusive use: WATCH, SELECT and other commands that change it.
   *
   * @throws AcquireTimeoutError if none is free within `acquireTimeoutMs`.
   * @throws PoolClosedError once `drain` or `close` was called.
   * @throws ConfigError with `max: 1`.
   * @throws ArgumentError without a key on a cluster, and for an unknown option.
   */
  acquire(options?: LeaseOptions): Promise<Lease>
  /**
   * Messages of channels, from this call on, over one connection that all subscriptions of the client share. It is
   * subscribed anew when it is lost; a `gap` event then says that messages may have been missed.
   *
   * @throws ArgumentError for a name that is not a string, or a wrong option.
   */
  subscribe(channels: string | readonly string[], options?: SubscribeOptions): Subscription
  /** Messages of all channels that match a glob pattern. */
  psubscribe(patterns: string | readonly string[], options?: SubscribeOptions): Subscription
  /** Messages of shard channels; of a cluster, those of one slot, on a connection for each slot. */
  ssubscribe(channels: string | readonly string[], options?: SubscribeOptions): Subscription
  /** Leases a connection around `fn`, and gives it back however `fn` ends. */
  use<T>(fn: (lease: Lease) => Promise<T> | T, options?: LeaseOptions): Promise<T>
}

/** The exclusive use of one connection. Nothing is sent again on another: its state would be lost. */
export type Lease = PortableCommands<"promise"> &
  BlockingCommands<"promise"> &
  StatefulCommands<"promise"> &
  Commanding &
  Releasable

interface Releasable extends AsyncDisposable {
  readonly connection: { readonly id: number }
  /** Gives it back; leased again only if it is clean, else evicted. Never rejects; may be called twice. */
  release(): Promise<void>
}
