import type { EncoderOptions } from "./encoder.ts"
import type { ParserOptions } from "./receiver.ts"

/** An open byte stream to a server, as a platform gives it. */
export interface ByteStream {
  /** Whether it is known to take nothing any more, before the event that says so. */
  readonly isBroken: boolean
  /**
   * Writes. True if the kernel has taken all of it, so that its memory may be written over; if not, `onTaken` follows
   * and nothing may be written before.
   */
  write(chunk: Uint8Array): boolean
  /** Closes; what the kernel has taken is still delivered. */
  close(): void
  /** Closes by reset where the platform can: nothing still buffered is delivered later. */
  reset(): void
}

/** What a stream tells the one who opened it. */
export interface StreamEvents {
  /** Bytes came. The memory is the stream's again when this returns. */
  onBytes(chunk: Uint8Array): void
  /** The kernel has taken the chunk that was under way. */
  onTaken(): void
  /** No more bytes will come: the peer closed, or an error says why. May be told twice. */
  onEnd(error?: Error): void
  /** The socket is gone. */
  onGone(): void
}

/** What a platform does faster than the Web's own classes. */
export type Codec = EncoderOptions & Pick<ParserOptions, "decodeText">
