import { BodyTooLargeError } from "./exchange.ts"

/** How many bytes of bodies are taken. */
export interface RoomBounds {
  /** Of one request. */
  readonly maxBodyBytes: number
  /** Of all that are not answered yet. */
  readonly maxBufferedBytes: number
}

/** The bodies of all requests take more memory than they may. */
export class NoRoomError extends Error {
  override readonly name = "NoRoomError"
}

/** The bytes of all bodies that are held. */
export interface Held {
  bytes: number
}

/** Where the body of one request goes. */
export class Room {
  readonly #bounds: RoomBounds
  readonly #held: Held
  #bytes = 0

  constructor(bounds: RoomBounds, held: Held) {
    this.#bounds = bounds
    this.#held = held
  }

  /** @throws BodyTooLargeError if a body of so many bytes would not be taken. */
  check(announced: number): void {
    if (announced > this.#bounds.maxBodyBytes) throw new BodyTooLargeError(announced)
  }

  /**
   * Counts bytes that have come.
   *
   * @throws BodyTooLargeError where they are too many of this request; NoRoomError where they are of all.
   */
  take(bytes: number): void {
    this.check(this.#bytes + bytes)
    if (this.#held.bytes + bytes > this.#bounds.maxBufferedBytes)
      throw new NoRoomError("the bodies under way are as large as they may be")
    this.#bytes += bytes
    this.#held.bytes += bytes
  }

  /** Gives the room back: the request has its answer. */
  leave(): void {
    this.#held.bytes -= this.#bytes
    this.#bytes = 0
  }
}
