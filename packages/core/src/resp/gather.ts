import { CR } from "./wire.ts"

/** Memory kept for the next value. */
const KEPT = 1 << 20
const FIRST = 4_096

/** Bytes that come in pieces, copied together once. Room at most doubles, so memory follows what was received. */
export class Gather {
  bytes: Uint8Array = new Uint8Array(0)
  length = 0

  add(piece: Uint8Array): void {
    const length = this.length + piece.length
    if (length > this.bytes.length) this.#grow(length)
    this.bytes.set(piece, this.length)
    this.length = length
  }

  /** Where the line that was gathered so far ends in the piece that follows; `Infinity` if it does not. */
  lineEnd(piece: Uint8Array, from: number): number {
    if (this.bytes[this.length - 1] === CR) return from + 1
    const cr = piece.indexOf(CR, from)
    return cr < 0 ? Number.POSITIVE_INFINITY : cr + 2
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.length = 0
    if (this.bytes.length > KEPT) this.bytes = new Uint8Array(0)
  }

  #grow(least: number): void {
    const grown = new Uint8Array(Math.max(least, this.bytes.length * 2, FIRST))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}

/** Bytes of their own. Not `slice`: a Buffer's gives a view. */
export function copyBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copied = new Uint8Array(to - from)
  copied.set(bytes.subarray(from, to))
  return copied
}
