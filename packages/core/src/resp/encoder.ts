import type { Arg } from "../transport.ts"

/** Where encoded bytes go, in order. Answers whether the chunk's memory may be written over at once. */
export type ChunkSink = (chunk: Uint8Array) => boolean

/** What a platform can do faster than the Web's own classes. */
export interface EncoderOptions {
  /** Memory for one buffer; it need not be zeroed. */
  readonly allocate?: (bytes: number) => Uint8Array
  /** Bytes of `text` as UTF-8, or a bound of them. */
  readonly measureText?: (text: string) => number
  /** Writes `text` as UTF-8 at `at`, where there is room for it; gives the bytes written. */
  readonly writeText?: (buffer: Uint8Array, text: string, at: number) => number
}

const SIZE = 65_536
/** Bytes from here on are handed out as they are: two more writes cost less than the copy. */
const UNCOPIED_BYTES = 32_768
/** Text from here on is measured; room for shorter text is three bytes per unit. */
const LARGE_TEXT = 16_384
/** The largest buffer that is kept. */
const KEPT = 4 << 20
/** Up to here a loop of stores is faster than a native call. */
const SHORT = 20
/** `*` or `$`, the longest number, CRLF; and the CRLF behind a value. */
const HEADER = 24

const STAR = 42
const DOLLAR = 36
const CR = 13
const LF = 10

const utf8 = new TextEncoder()

/**
 * Turns commands into RESP. Bytes collect in one reused buffer until it is full or `flush` is called; large
 * bytes are handed out uncopied.
 */
export class Encoder {
  readonly #sink: ChunkSink
  readonly #allocate: (bytes: number) => Uint8Array
  readonly #measureText: (value: string) => number
  readonly #writeText: (buffer: Uint8Array, value: string, at: number) => number
  #buffer: Uint8Array
  /** Where the bytes begin that were not handed out yet. */
  #from = 0
  #at = 0
  /** Some part of the buffer is still read by whoever took it. */
  #lent = false

  constructor(sink: ChunkSink, options: EncoderOptions = {}) {
    this.#sink = sink
    this.#allocate = options.allocate ?? ((bytes) => new Uint8Array(bytes))
    this.#measureText = options.measureText ?? ((value) => value.length * 3)
    this.#writeText = options.writeText ?? writeText
    this.#buffer = this.#allocate(SIZE)
  }

  /** Encodes one command: an array of bulk strings. */
  add(args: readonly Arg[]): void {
    const buffer = this.#reserve(0)
    buffer[this.#at] = STAR
    this.#at = writeLength(buffer, this.#at + 1, args.length)
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as Arg
      if (typeof arg !== "string") this.#addBytes(arg)
      else if (arg.length > SHORT || !this.#addShort(arg)) this.#addText(arg)
    }
  }

  /** Hands out what is left. */
  flush(): void {
    if (this.#at > this.#from && !this.#sink(this.#buffer.subarray(this.#from, this.#at))) this.#lent = true
    this.#from = this.#at
    if (!this.#lent) this.#rewind()
  }

  /** Tells that nothing handed out is read any more. */
  reclaim(): void {
    this.#lent = false
    if (this.#from === this.#at) this.#rewind()
  }

  #rewind(): void {
    this.#from = 0
    this.#at = 0
    if (this.#buffer.length > KEPT) this.#buffer = this.#allocate(SIZE)
  }

  /** Gives the buffer, with room for a value and what frames it. */
  #reserve(bytes: number): Uint8Array {
    const room = bytes + HEADER
    return this.#at + room <= this.#buffer.length ? this.#buffer : this.#makeRoom(room)
  }

  #makeRoom(room: number): Uint8Array {
    this.flush()
    // What is lent is left to whoever still reads it.
    if (this.#lent || room > this.#buffer.length) this.#buffer = this.#allocate(Math.ceil(room / SIZE) * SIZE)
    this.#lent = false
    this.#from = 0
    this.#at = 0
    return this.#buffer
  }

  /** Stores a short ASCII argument; false, with nothing stored, if it is not ASCII. */
  #addShort(arg: string): boolean {
    const length = arg.length
    const buffer = this.#reserve(length)
    buffer[this.#at] = DOLLAR
    let at = writeLength(buffer, this.#at + 1, length)
    for (let i = 0; i < length; i++) {
      const unit = arg.charCodeAt(i)
      if (unit > 127) return false
      buffer[at++] = unit
    }
    buffer[at++] = CR
    buffer[at++] = LF
    this.#at = at
    return true
  }

  #addText(arg: string): void {
    const buffer = this.#reserve(arg.length < LARGE_TEXT ? arg.length * 3 : this.#measureText(arg))
    const digits = this.#at + 1
    buffer[this.#at] = DOLLAR
    // Most text is ASCII: its length in bytes is taken to have as many digits as its length, and mended if not.
    const start = writeLength(buffer, digits, arg.length)
    const length = this.#writeText(buffer, arg, start)
    let end = start + length
    if (length !== arg.length) {
      const moved = digits + `${length}`.length + 2
      if (moved !== start) buffer.copyWithin(moved, start, end)
      end = writeLength(buffer, digits, length) + length
    }
    this.#end(end)
  }

  #addBytes(arg: Uint8Array): void {
    const isLarge = arg.length >= UNCOPIED_BYTES
    const buffer = this.#reserve(isLarge ? 0 : arg.length)
    buffer[this.#at] = DOLLAR
    this.#at = writeLength(buffer, this.#at + 1, arg.length)
    if (isLarge) {
      this.flush()
      this.#sink(arg)
      this.#reserve(0)
      this.#end(this.#at)
      return
    }
    buffer.set(arg, this.#at)
    this.#end(this.#at + arg.length)
  }

  /** Ends a value. */
  #end(at: number): void {
    this.#buffer[at] = CR
    this.#buffer[at + 1] = LF
    this.#at = at + 2
  }
}

/** How many bytes a command takes on the wire. */
export function encodedLength(args: readonly Arg[]): number {
  let total = headerLength(args.length)
  for (const arg of args) {
    const length = (typeof arg === "string" ? utf8.encode(arg) : arg).length
    total += headerLength(length) + length + 2
  }
  return total
}

function headerLength(count: number): number {
  return `${count}`.length + 3
}

function writeLength(buffer: Uint8Array, at: number, length: number): number {
  let end = at
  if (length < 10) buffer[end++] = 48 + length
  else if (length < 100) {
    const tens = (length / 10) | 0
    buffer[end++] = 48 + tens
    buffer[end++] = 48 + length - tens * 10
  } else {
    const digits = `${length}`
    for (let i = 0; i < digits.length; i++) buffer[end++] = digits.charCodeAt(i)
  }
  buffer[end++] = CR
  buffer[end++] = LF
  return end
}

function writeText(buffer: Uint8Array, value: string, at: number): number {
  return utf8.encodeInto(value, buffer.subarray(at)).written
}
