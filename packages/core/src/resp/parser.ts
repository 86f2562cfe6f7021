import { ReplyError } from "../errors.ts"
import type { Reply } from "../transport.ts"
import { readDigits, readSize } from "./digits.ts"
import { copyBytes, Gather } from "./gather.ts"
import { protocolError } from "./protocol-error.ts"
import type { Bounds, DecodeText, Frame, ParserOptions, Receiver, Wanted } from "./receiver.ts"
import * as wire from "./wire.ts"

/** V8 copies shorter cuts of a string; longer ones would keep the whole chunk alive. */
const CUT = 13

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * Reads RESP2 and RESP3, in chunks of any size, and gives RESP2 shapes. A chunk may be written over once `push`
 * has returned.
 */
export class Parser {
  readonly #receiver: Receiver
  readonly #decode: DecodeText
  readonly #bounds: Bounds
  /** How the reply under way is wanted; undefined between replies. */
  #wanted: Wanted | undefined
  #frame: Frame | undefined
  /** The bytes of a raw reply so far. Its values are only counted: no stack is needed for that. */
  readonly #raw = new Gather()
  /** Values of a raw reply still to come. */
  #left = 0
  /** The beginning of an element of which the last chunk had no more. */
  readonly #kept = new Gather()
  /** How long that element is; 0 as long as its first line is not whole. */
  #length = 0
  /** The chunk that is read now, and what it says once asked for; null if it is not ASCII. */
  #chunk: Uint8Array | undefined
  #text: string | null | undefined

  constructor(receiver: Receiver, { decodeText, bounds }: ParserOptions = {}) {
    this.#receiver = receiver
    this.#decode = decodeText ?? ((bytes, from, to) => utf8.decode(bytes.subarray(from, to)))
    this.#bounds = { ...wire.BOUNDS, ...bounds }
  }

  /**
   * Takes the next bytes.
   *
   * @throws ConnectionError if they are not RESP, beyond a bound, or a reply nobody asked for. The parser is of no
   * use afterwards.
   */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#text = undefined
    let at = 0
    while (at < chunk.length) {
      const next = this.#kept.length > 0 ? this.#resume(chunk, at) : this.#element(chunk, at)
      if (next === 0) this.#kept.add(chunk.subarray(at))
      at = next || chunk.length
    }
    this.#chunk = undefined
  }

  /** Adds to the element under way what it lacks, and reads it if that was all; gives the position behind it. */
  #resume(chunk: Uint8Array, at: number): number {
    const kept = this.#kept
    const behind = this.#length > 0 ? at + this.#length - kept.length : kept.lineEnd(chunk, at)
    const end = Math.min(chunk.length, behind)
    kept.add(chunk.subarray(at, end))
    // What can't be whole is not read: a line that comes in many pieces would be, again and again from its beginning.
    const mayBeWhole = end === behind || (this.#length === 0 && kept.length > this.#bounds.line)
    if (mayBeWhole && this.#element(kept.bytes.subarray(0, kept.length), 0) > 0) kept.clear()
    return end
  }

  /** Reads one element; gives the position behind it, or 0 if some of it has not come. */
  #element(bytes: Uint8Array, at: number): number {
    const type = bytes[at] ?? 0
    if (this.#wanted === undefined) this.#begin(type)
    const behind = type === wire.BULK ? this.#wholeBulk(bytes, at) : 0
    if (behind > 0) return behind
    const form = wire.formOf(type)
    if (form === 0)
      throw protocolError("a reply begins with an unknown byte: is it Redis that listens there?")
    const start = at + 1
    const cr = this.#lineEnd(bytes, start)
    this.#length = 0
    if (cr < 0) return 0
    const size = form === wire.LINE_ONLY ? 0 : readSize(bytes, start, cr)
    const hasBytes = form === wire.BYTES && size >= 0
    if (hasBytes && size > this.#bounds.bulk) throw protocolError("a bulk string is too long")
    const end = hasBytes ? cr + 2 + size : cr
    if (hasBytes && !this.#isWhole(bytes, at, end)) return 0
    if (this.#wanted === "raw") this.#raw.add(bytes.subarray(at, end + 2))
    if (hasBytes || form === wire.LINE_ONLY)
      this.#deliver(this.#value(type, bytes, hasBytes ? cr + 2 : start, end))
    else if (size < 0) this.#deliver(null)
    else this.#open(type, size)
    return end + 2
  }

  /** Whether a bulk string has come that begins at `at` and whose value ends at `end`. */
  #isWhole(bytes: Uint8Array, at: number, end: number): boolean {
    this.#length = end + 2 - at
    if (end + 2 > bytes.length) return false
    if (bytes[end] === wire.CR && bytes[end + 1] === wire.LF) return true
    throw protocolError("a bulk string is longer than its length")
  }

  /** The hot path: a bulk string that is whole and in order. Gives the position behind it, 0 for any other. */
  #wholeBulk(bytes: Uint8Array, at: number): number {
    let cr = at + 1
    let size = 0
    for (; cr < bytes.length; cr++) {
      const digit = (bytes[cr] ?? 0) - 48
      if (digit < 0 || digit > 9) break
      size = size * 10 + digit
    }
    const end = cr + 2 + size
    if (end + 2 > bytes.length || cr === at + 1 || size > this.#bounds.bulk) return 0
    if (bytes[cr] !== wire.CR || bytes[cr + 1] !== wire.LF) return 0
    if (bytes[end] !== wire.CR || bytes[end + 1] !== wire.LF) return 0
    if (this.#wanted === "raw") this.#raw.add(bytes.subarray(at, end + 2))
    this.#deliver(this.#string(bytes, cr + 2, end))
    return end + 2
  }

  /** Where the line's CR is; -1 if its end has not come. */
  #lineEnd(bytes: Uint8Array, from: number): number {
    let cr = from
    while (cr < bytes.length && bytes[cr] !== wire.CR) cr++
    if (cr - from > this.#bounds.line) throw protocolError("a line is too long")
    if (cr + 1 >= bytes.length) return -1
    if (bytes[cr + 1] !== wire.LF) throw protocolError("a line does not end in CRLF")
    return cr
  }

  /** Asks how the reply that begins with this byte is wanted; an error reply is text whatever was wanted. */
  #begin(type: number): void {
    if (type === wire.PUSH || type === wire.ATTRIBUTE) {
      this.#wanted = "bytes"
      return
    }
    const isError = type === wire.ERROR || type === wire.BULK_ERROR
    const wanted = this.#receiver.next()
    if (wanted === undefined && !isError) throw protocolError("a reply came that nobody asked for")
    this.#wanted = isError ? "text" : wanted
    this.#left = 1
  }

  // biome-ignore lint/complexity/useMaxParams: called for every reply; an object to hold them would be made each time.
  #value(type: number, bytes: Uint8Array, from: number, to: number): Reply {
    switch (type) {
      case wire.BULK:
        return this.#string(bytes, from, to)
      case wire.ERROR:
      case wire.BULK_ERROR:
        return new ReplyError(this.#decode(bytes, from, to))
      case wire.INTEGER:
        return this.#integer(bytes, from, to)
      case wire.NULL:
        return null
      case wire.BOOLEAN:
        return bytes[from] === 116 ? 1 : 0
      case wire.VERBATIM:
        // It begins with its format and a colon, `txt:`.
        return this.#string(bytes, Math.min(from + 4, to), to)
      default:
        return this.#string(bytes, from, to)
    }
  }

  /** A number if it is safe, else its digits: no integer loses precision. */
  #integer(bytes: Uint8Array, from: number, to: number): number | string {
    const isNegative = bytes[from] === 45
    const start = isNegative || bytes[from] === 43 ? from + 1 : from
    const value = readDigits(bytes, start, to)
    if (value > Number.MAX_SAFE_INTEGER) return (isNegative ? "-" : "") + this.#decode(bytes, start, to)
    return isNegative && value > 0 ? -value : value
  }

  /** The chunk is decoded once where that is cheaper than string by string. */
  #string(bytes: Uint8Array, from: number, to: number): string | Uint8Array | null {
    if (this.#wanted === "raw") return null
    if (this.#wanted === "bytes") return copyBytes(bytes, from, to)
    if (to - from >= CUT || bytes !== this.#chunk) return this.#decode(bytes, from, to)
    if (this.#text === undefined) {
      const text = this.#decode(bytes, 0, bytes.length)
      // No byte sequence decodes to more units than it has bytes: equal lengths mean that positions agree.
      this.#text = text.length === bytes.length ? text : null
    }
    return this.#text === null ? this.#decode(bytes, from, to) : this.#text.substring(from, to)
  }

  /** Hands over a value: a reply of its own, or an element of the array under way. */
  #deliver(value: Reply): void {
    const frame = this.#frame
    if (this.#wanted === "raw") this.#count(-1)
    else if (frame) {
      frame.items.push(value)
      if (frame.items.length === frame.size) this.#close(frame)
    } else {
      this.#wanted = undefined
      if (value instanceof ReplyError) this.#receiver.error(value)
      else this.#receiver.reply(value)
    }
  }

  /** Opens an array of `size` elements, or of `size` pairs, flat. */
  #open(type: number, size: number): void {
    if (size > wire.MOST_ITEMS) throw protocolError("an array is too long")
    const outer = this.#frame
    const isRaw = this.#wanted === "raw"
    if (type === wire.PUSH && (outer || isRaw)) throw protocolError("a push came within a reply")
    const items = type === wire.MAP || type === wire.ATTRIBUTE ? size * 2 : size
    if (isRaw) {
      this.#count(type === wire.ATTRIBUTE ? items : items - 1)
      return
    }
    const depth = outer ? outer.depth + 1 : 1
    if (depth > this.#bounds.depth) throw protocolError("arrays are nested too deep")
    this.#frame = { type, items: [], size: items, outer, depth }
    if (items === 0) this.#close(this.#frame)
    else if (this.#wanted === "items") this.#wanted = "raw"
  }

  /** Hands a raw reply over once no value of it is missing. */
  #count(more: number): void {
    this.#left += more
    if (this.#left > 0) return
    const reply = copyBytes(this.#raw.bytes, 0, this.#raw.length)
    this.#raw.clear()
    // The last item ends the array, which is no raw value itself.
    this.#wanted = "items"
    this.#left = 1
    this.#deliver(reply)
    if (this.#frame) this.#wanted = "raw"
  }

  #close({ type, items, outer }: Frame): void {
    this.#frame = outer
    if (type !== wire.PUSH && type !== wire.ATTRIBUTE) {
      this.#deliver(items)
      return
    }
    // Attributes say something about the reply that follows; RESP2 has no place for it.
    if (outer === undefined) this.#wanted = undefined
    if (type === wire.PUSH) this.#receiver.push?.(items)
  }
}
