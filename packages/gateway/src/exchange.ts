import type { Room } from "./room.ts"

/** One request, whatever it came over. */
export interface Exchange {
  readonly method: string
  /** Path and query as they came, percent-encoded. */
  readonly target: string
  /** A header by its lower-case name; undefined where there is none. */
  header(name: string): string | undefined
  /** The body, once it is there; rejects with what `room` throws. */
  body(room: Room): Promise<Uint8Array>
  /** Aborts when nobody waits for the answer any more; undefined where that can't be known. */
  gone(): AbortSignal | undefined
}

/** What is answered. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | EventFeed
}

/** A body that goes on until either side ends it. */
export interface EventFeed extends AsyncIterable<string> {
  close(): void
}

/** A body is larger than allowed; the rest of it is not read. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError"
  /** Bytes announced, or read so far. */
  readonly size: number

  constructor(size: number) {
    super(`the body has ${size} bytes or more`)
    this.size = size
  }
}

/** The client went away, or took too long, before its request was whole. */
export class BodyLostError extends Error {
  override readonly name = "BodyLostError"
}
