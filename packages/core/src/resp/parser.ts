import { ReplyError } from "../errors.ts"
import { Assembly, type Receiver } from "./assembly.ts"
import { Gather } from "./gather.ts"
import { protocolError, unknownType } from "./protocol-error.ts"
import { checkScalar, readInteger, readLength } from "./scalar.ts"
import { copyBytes, type DecodeText, Strings } from "./strings.ts"
import * as wire from "./wire.ts"

/** What a platform can do faster than the Web's own classes, and the bounds. */
export interface ParserOptions {
  readonly decodeText?: DecodeText
  readonly bounds?: Partial<wire.Bounds>
}

/**
 * Reads RESP2 and RESP3, in chunks of any size, and gives RESP2 shapes. A chunk may be written over once `push`
 * has returned.
 */
export class Parser {
  readonly #assembly: Assembly
  readonly #strings: Strings
  readonly #bounds: wire.Bounds
  /** The beginning of a line whose end has not come. */
  readonly #line = new Gather()
  /** The beginning of a bulk string or of a raw reply. */
  readonly #value = new Gather()
  #bulkType = 0
  /** Bytes of a bulk string and its line end still to come. */
  #missing = 0

  constructor(receiver: Receiver, options: ParserOptions = {}) {
    this.#bounds = { ...wire.BOUNDS, ...options.bounds }
    this.#assembly = new Assembly(receiver, this.#bounds.depth, this.#value)
    this.#strings = new Strings(options.decodeText)
  }

  /**
   * Takes the next bytes.
   *
   * @throws ConnectionError if they are not RESP, beyond a bound, or a reply nobody asked for. The parser is of no
   * use afterwards.
   */
  push(chunk: Uint8Array): void {
    this.#strings.enter(chunk)
    this.#run(chunk, this.#line.length > 0 ? this.#resumeLine(chunk) : 0)
    this.#strings.enter(undefined)
  }

  #run(chunk: Uint8Array, from: number): void {
    const assembly = this.#assembly
    let at = from
    while (at < chunk.length) {
      if (this.#missing > 0) {
        at = this.#fill(chunk, at)
        continue
      }
      const type = chunk[at] ?? 0
      if (assembly.decode === undefined) assembly.begin(type)
      const next = type === wire.BULK ? this.#wholeBulk(chunk, at) : at
      if (next > at) {
        at = next
        continue
      }
      if (!wire.isType(type)) throw unknownType()
      const cr = this.#lineEnd(chunk, at + 1)
      if (cr < 0) {
        this.#keepLine(chunk.subarray(at))
        return
      }
      this.#readLine(chunk, at, cr)
      at = cr + 2
    }
  }

  /** The hot path: a bulk string that the chunk holds whole. Gives the position behind it, or `at` if it does not. */
  #wholeBulk(chunk: Uint8Array, at: number): number {
    const end = chunk.length
    let cr = at + 1
    let length = 0
    for (; cr < end; cr++) {
      const digit = (chunk[cr] ?? 0) - 48
      if (digit < 0 || digit > 9) break
      length = length * 10 + digit
    }
    const start = cr + 2
    const stop = start + length
    if (stop + 2 > end || cr === at + 1 || chunk[cr] !== wire.CR || chunk[cr + 1] !== wire.LF) return at
    if (length > this.#bounds.bulk) return at
    this.#endBulk(chunk, stop)
    if (this.#assembly.decode === "raw") this.#value.add(chunk.subarray(at, stop + 2))
    this.#deliverString(chunk, start, stop)
    return stop + 2
  }

  /** Where the line's CR is; -1 if its end has not come. */
  #lineEnd(chunk: Uint8Array, from: number): number {
    const last = chunk.length - 1
    for (let i = from; i <= last; i++) {
      if (chunk[i] !== wire.CR) continue
      if (i === last) return -1
      if (chunk[i + 1] !== wire.LF) throw protocolError("a line does not end in CRLF")
      if (i - from > this.#bounds.line) throw protocolError("a line is too long")
      return i
    }
    return -1
  }

  #keepLine(piece: Uint8Array): void {
    this.#line.add(piece)
    // Its type and its end are no part of a line's length.
    if (this.#line.length > this.#bounds.line + 3) throw protocolError("a line is too long")
  }

  /** Ends the line that an earlier chunk began, if this one has its end; gives the position behind it. */
  #resumeLine(chunk: Uint8Array): number {
    let returned = this.#line.bytes[this.#line.length - 1] === wire.CR
    for (let i = 0; i < chunk.length; i++) {
      if (returned) {
        if (chunk[i] !== wire.LF) throw protocolError("a line does not end in CRLF")
        this.#keepLine(chunk.subarray(0, i + 1))
        this.#readLine(this.#line.bytes, 0, this.#line.length - 2)
        this.#line.clear()
        return i + 1
      }
      returned = chunk[i] === wire.CR
    }
    this.#keepLine(chunk)
    return chunk.length
  }

  #readLine(bytes: Uint8Array, at: number, cr: number): void {
    const type = bytes[at] ?? 0
    const start = at + 1
    if (this.#assembly.decode === "raw") this.#value.add(bytes.subarray(at, cr + 2))
    switch (type) {
      case wire.STRING:
        this.#deliverString(bytes, start, cr)
        break
      case wire.ERROR:
        this.#assembly.fail(new ReplyError(this.#strings.decode(bytes, start, cr)))
        break
      case wire.INTEGER:
        this.#assembly.deliver(readInteger(bytes, start, cr))
        break
      case wire.BULK:
      case wire.VERBATIM:
      case wire.BULK_ERROR:
        this.#openBulk(type, readLength(bytes, start, cr))
        break
      case wire.ARRAY:
      case wire.SET:
      case wire.PUSH:
      case wire.MAP:
      case wire.ATTRIBUTE:
        this.#openArray(type, readLength(bytes, start, cr))
        break
      default:
        checkScalar(type, this.#strings.decode(bytes, start, cr))
        if (type === wire.NULL) this.#assembly.deliver(null)
        else if (type === wire.BOOLEAN) this.#assembly.deliver(bytes[start] === 116 ? 1 : 0)
        else this.#deliverString(bytes, start, cr)
    }
  }

  #openArray(type: number, length: number): void {
    if (length >= 0) this.#assembly.open(type, length)
    else if (type === wire.ARRAY) this.#assembly.deliver(null)
    else throw protocolError("a length is negative")
  }

  #openBulk(type: number, length: number): void {
    if (length > this.#bounds.bulk) throw protocolError("a bulk string is too long")
    if (length >= 0) {
      this.#bulkType = type
      this.#missing = length + 2
    } else if (type === wire.BULK) this.#assembly.deliver(null)
    else throw protocolError("a length is negative")
  }

  /** Takes what the chunk has of the bulk string; gives the position behind it. */
  #fill(chunk: Uint8Array, at: number): number {
    const stop = Math.min(chunk.length, at + this.#missing)
    const value = this.#value
    this.#missing -= stop - at
    if (this.#missing > 0) value.add(chunk.subarray(at, stop))
    else if (this.#assembly.decode === "raw") {
      value.add(chunk.subarray(at, stop))
      this.#endBulk(value.bytes, value.length - 2)
      this.#assembly.deliver(null)
    } else if (value.length === 0) this.#closeBulk(chunk, at, stop - 2)
    else {
      value.add(chunk.subarray(at, stop))
      this.#closeBulk(value.bytes, 0, value.length - 2)
      value.clear()
    }
    return stop
  }

  #closeBulk(bytes: Uint8Array, from: number, to: number): void {
    this.#endBulk(bytes, to)
    if (this.#bulkType === wire.BULK_ERROR) {
      this.#assembly.fail(new ReplyError(this.#strings.decode(bytes, from, to)))
      return
    }
    // A verbatim string begins with its format and a colon, `txt:`.
    const start = this.#bulkType === wire.VERBATIM ? from + 4 : from
    if (start > to) throw protocolError("a verbatim string has no format")
    this.#deliverString(bytes, start, to)
  }

  #endBulk(bytes: Uint8Array, at: number): void {
    if (bytes[at] === wire.CR && bytes[at + 1] === wire.LF) return
    throw protocolError("a bulk string is longer than its length")
  }

  #deliverString(bytes: Uint8Array, from: number, to: number): void {
    const assembly = this.#assembly
    if (assembly.decode === "bytes") assembly.deliver(copyBytes(bytes, from, to))
    else if (assembly.decode === "raw") assembly.deliver(null)
    else assembly.deliver(this.#strings.read(bytes, from, to))
  }
}
