import type { WireAnswer, WireBatch, WireError } from "./wire.ts"

/** A lease in the pool. */
export interface SessionStub {
  exchange(batch: WireBatch): Promise<WireAnswer>
}

/** A session, or why there is none. What it holds is given back when all of it is disposed of, or its holder is gone. */
export type Opened =
  | { readonly session: SessionStub; readonly leash: Disposable }
  | { readonly refused: WireError }

/** Channels, patterns, shard channels: the first letter of the command. */
export type Kind = "" | "p" | "s"

/** What to subscribe to. */
export interface Listening {
  readonly kind: Kind
  readonly names: readonly string[]
}

/** A subscription that the pool holds: lines of JSON, until all of this is disposed of; or why there is none. */
export type Heard =
  | { readonly lines: ReadableStream<Uint8Array>; readonly leash: Disposable }
  | { readonly refused: WireError }

/** What the client asks of a `RedisBinding`. `shard` is a number in [0, 1): the pool knows how many there are. */
export interface PoolService {
  exchange(shard: number, batch: WireBatch): Promise<WireAnswer>
  /** @param patienceMs - How long the caller waits for a lease, ms. */
  open(shard: number, patienceMs: number): Promise<Opened>
  listen(shard: number, listening: Listening): Promise<Heard>
}
