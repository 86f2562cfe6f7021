import { ReplyError } from "../errors.ts"
import type { Reply } from "../transport.ts"
import { copyBytes, Gather } from "./gather.ts"
import { protocolError } from "./protocol-error.ts"
import type { Bounds, DecodeText, ParserOptions, Receiver, Wanted } from "./receiver.ts"
import * as wire from "./wire.ts"

const BOUNDS: Bounds = { depth: 1_024, line: 1 << 20, bulk: 512 << 20 }
/** Elements of an array; more could not be held. */
const MOST_ITEMS = 0xffff_ffff
/** V8 copies shorter cuts of a string; longer ones would keep the whole chunk alive. */
const CUT = 13

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** An array under way. */
interface Frame {
  readonly type: number
  readonly items: Reply[]
  readonly size: number
  readonly outer: Frame | undefined
  readonly depth: number
}

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
    this.#bounds = { ...BOUNDS, ...bounds }
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

  /** Adds to the element under way what it lacks, and reads it if that was all; gives the position behind. */
  #resume(chunk: Uint8Array, at: number): number {
    const kept = this.#kept
    const lineEnd = chunk.indexOf(wire.LF, at) + 1 || chunk.length
    const end = this.#length > 0 ? Math.min(chunk.length, at + this.#length - kept.length) : lineEnd
    kept.add(chunk.subarray(at, end))
    if (kept.length >= this.#length && this.#element(kept.bytes.subarray(0, kept.length), 0) > 0) kept.clear()
    return end
  }

  /** Reads one element; gives the position behind it, or 0 if some of it has not come. */
  #element(bytes: Uint8Array, at: number): number {
    const type = bytes[at] ?? 0
    if (this.#wanted === undefined) this.#begin(type)
    const form = wire.formOf(type)
    if (form === 0)
      throw protocolError("a reply begins with an unknown byte: is it Redis that listens there?")
    const start = at + 1
    const cr = this.#lineEnd(bytes, start)
    this.#length = 0
    if (cr < 0) return 0
    const size = form === wire.LINE_ONLY ? 0 : readSize(bytes, start, cr)
    const hasBytes = form === wire.BYTES && size >= 0
    const next = hasBytes ? cr + size + 4 : cr + 2
    if (hasBytes) {
      if (size > this.#bounds.bulk) throw protocolError("a bulk string is too long")
      this.#length = next - at
      if (next > bytes.length) return 0
      if (bytes[next - 2] !== wire.CR || bytes[next - 1] !== wire.LF)
        throw protocolError("a bulk string is longer than its length")
    }
    if (this.#wanted === "raw") this.#raw.add(bytes.subarray(at, next))
    if (size < 0) this.#deliver(null)
    else if (form === wire.ELEMENTS) this.#open(type, size)
    else if (hasBytes) this.#deliver(this.#value(type, bytes, cr + 2, next - 2))
    else this.#deliver(this.#value(type, bytes, start, cr))
    return next
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
    if (size > MOST_ITEMS) throw protocolError("an array is too long")
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

/** A length: digits, or -1 for RESP2's null. */
function readSize(bytes: Uint8Array, from: number, to: number): number {
  const type = bytes[from - 1]
  const mayBeNull = type === wire.BULK || type === wire.ARRAY
  if (mayBeNull && bytes[from] === 45 && bytes[from + 1] === 49 && to - from === 2) return -1
  return readDigits(bytes, from, to)
}

function readDigits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 48
    if (digit < 0 || digit > 9) throw protocolError("a number has other characters than digits")
    value = value * 10 + digit
  }
  if (from === to) throw protocolError("a number has no digits")
  return value
}
