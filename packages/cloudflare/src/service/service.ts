import type { WireAnswer, WireBatch, WireError } from "./wire.ts"

/** A lease in the pool. It is given back when the last reference to it is disposed of, or its caller's invocation ends. */
export interface SessionStub extends Disposable {
  exchange(batch: WireBatch): Promise<WireAnswer>
}

/** A session, or why there is none. */
export type Opened = { readonly session: SessionStub } | { readonly refused: WireError }

/** Channels, patterns, shard channels: the first letter of the command. */
export type Kind = "" | "p" | "s"

/** A subscription that the pool holds: lines of JSON, until it is cancelled. */
export interface Listening {
  readonly kind: Kind
  readonly names: readonly string[]
}

/** What the client asks of a `RedisBinding`. `shard` is a number in [0, 1): the pool knows how many there are. */
export interface PoolService {
  exchange(shard: number, batch: WireBatch): Promise<WireAnswer>
  open(shard: number): Promise<Opened>
  listen(shard: number, listening: Listening): Promise<ReadableStream<Uint8Array>>
}
