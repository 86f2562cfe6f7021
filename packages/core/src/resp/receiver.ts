import type { ReplyError } from "../errors.ts"
import type { Decode, Reply } from "../transport.ts"

/** How a reply is wanted; `items`: an array, each of its items raw. */
export type Wanted = Decode | "items"

/** Takes replies as they become whole, in order. None of these may throw. */
export interface Receiver {
  /** How the reply that begins now is wanted; undefined if nobody asked for one. */
  next(): Wanted | undefined
  reply(reply: Reply): void
  /** An error reply; also one that nobody asked for, such as a refusal at the door. */
  error(error: ReplyError): void
  /** What the server says unasked in RESP3; strings are bytes. */
  push?(items: readonly Reply[]): void
}

/** What the parser takes at the most. */
export interface Bounds {
  /** Arrays within arrays. @defaultValue 1_024 */
  readonly depth: number
  /** Bytes of a line. @defaultValue 1 MiB */
  readonly line: number
  /** Bytes of a bulk string. @defaultValue 512 MiB */
  readonly bulk: number
}

/** Reads UTF-8. */
export type DecodeText = (bytes: Uint8Array, from: number, to: number) => string

/** What a platform can do faster than the Web's own classes, and the bounds. */
export interface ParserOptions {
  readonly decodeText?: DecodeText
  readonly bounds?: Partial<Bounds>
}

/** An array under way. */
export interface Frame {
  readonly type: number
  readonly items: Reply[]
  readonly size: number
  readonly outer: Frame | undefined
  readonly depth: number
}
