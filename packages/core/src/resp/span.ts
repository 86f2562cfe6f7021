import { protocolError, unknownType } from "./protocol-error.ts"
import * as wire from "./wire.ts"

/** Stands for the line end behind a bulk string, which has no type of its own. */
const TAIL = 0
const BETWEEN = -1

/** Finds where a reply ends without decoding it; a reply may come in pieces. */
export class Span {
  readonly #bounds: wire.Bounds
  /** Elements still to come; no stack is needed to count them. */
  #left = 0
  /** Bytes of a bulk string still to come. */
  #skip = 0
  /** First byte of the line under way. */
  #type = BETWEEN
  #length = 0
  #number = 0
  #signed = false
  #negative = false
  #returned = false

  constructor(bounds: wire.Bounds) {
    this.#bounds = bounds
  }

  /** Makes ready for the first byte of a reply. */
  begin(): void {
    this.#left = 1
  }

  /**
   * Goes on at `from`; gives the position behind the reply, or -1 if the chunk ended first.
   *
   * @throws ConnectionError if the bytes are not RESP.
   */
  scan(chunk: Uint8Array, from: number): number {
    const end = chunk.length
    let at = from
    while (at < end) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, end - at)
        this.#skip -= step
        at += step
        continue
      }
      const byte = chunk[at++] ?? 0
      if (this.#type === BETWEEN) this.#begin(byte)
      else if (this.#returned) this.#close(byte)
      else if (byte === wire.CR) this.#returned = true
      else this.#take(byte)
      if (this.#left === 0) return at
    }
    return -1
  }

  #begin(type: number): void {
    if (!wire.isType(type)) throw unknownType()
    if (type === wire.PUSH) throw protocolError("a push came within a reply")
    this.#open(type)
  }

  #open(type: number): void {
    this.#type = type
    this.#length = 0
    this.#number = 0
    this.#signed = false
    this.#negative = false
  }

  #take(byte: number): void {
    this.#length += 1
    switch (this.#type) {
      case wire.STRING:
      case wire.ERROR:
      case wire.DOUBLE:
      case wire.BIG_NUMBER:
      case wire.BOOLEAN:
        if (this.#length > this.#bounds.line) throw protocolError("a line is too long")
        return
      case TAIL:
        throw protocolError("a bulk string is longer than its length")
      default:
        this.#takeDigit(byte)
    }
  }

  #takeDigit(byte: number): void {
    const isSign = byte === 45 || (byte === 43 && this.#type === wire.INTEGER)
    if (isSign && this.#length === 1) {
      this.#negative = byte === 45
      this.#signed = true
      return
    }
    if (byte < 48 || byte > 57 || this.#length > this.#bounds.line)
      throw protocolError("a length is not a number")
    this.#number = this.#number * 10 + byte - 48
  }

  #close(byte: number): void {
    if (byte !== wire.LF) throw protocolError("a line does not end in CRLF")
    const type = this.#type
    this.#returned = false
    this.#type = BETWEEN
    switch (type) {
      case wire.BULK:
      case wire.VERBATIM:
      case wire.BULK_ERROR:
        this.#enterBulk(type)
        return
      case wire.ARRAY:
      case wire.SET:
      case wire.MAP:
      case wire.ATTRIBUTE:
        this.#enterAggregate(type)
        return
      case wire.INTEGER:
        if (!this.#hasDigits()) throw protocolError("an integer is not a number")
        break
      case wire.NULL:
        if (this.#length > 0) throw protocolError("a null has a value")
        break
      default:
    }
    this.#left -= 1
  }

  #enterBulk(type: number): void {
    if (this.#isNothing(type === wire.BULK)) {
      this.#left -= 1
      return
    }
    if (this.#number > this.#bounds.bulk) throw protocolError("a bulk string is too long")
    this.#skip = this.#number
    this.#open(TAIL)
  }

  #enterAggregate(type: number): void {
    if (this.#isNothing(type === wire.ARRAY)) {
      this.#left -= 1
      return
    }
    if (this.#number > wire.MOST_ITEMS) throw protocolError("an array is too long")
    const items = type === wire.MAP || type === wire.ATTRIBUTE ? this.#number * 2 : this.#number
    this.#left += type === wire.ATTRIBUTE ? items : items - 1
  }

  /** Whether the length is -1, RESP2's null, where one is `allowed`. */
  #isNothing(allowed: unknown): boolean {
    if (this.#length === 0 || (this.#negative && this.#length === 1))
      throw protocolError("a length is not a number")
    if (!this.#negative) return false
    if (allowed !== true || this.#number !== 1) throw protocolError("a length is negative")
    return true
  }

  #hasDigits(): boolean {
    return this.#length > (this.#signed ? 1 : 0)
  }
}
