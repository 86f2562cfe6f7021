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
/** Text from here on goes through memory of its own; three bytes per unit must fit the buffer. */
const LARGE_TEXT = 16_384
/** The most of that memory that is kept for the next large text. */
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
 * values are handed out uncopied.
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
  /** Where large text is written; undefined while somebody reads it. */
  #large: Uint8Array | undefined
  #lentLarge: Uint8Array | undefined

  constructor(sink: ChunkSink, options: EncoderOptions = {}) {
    this.#sink = sink
    this.#allocate = options.allocate ?? ((bytes) => new Uint8Array(bytes))
    this.#measureText = options.measureText ?? ((value) => value.length * 3)
    this.#writeText = options.writeText ?? writeText
    this.#buffer = this.#allocate(SIZE)
  }

  /** Encodes one command: an array of bulk strings. */
  add(args: readonly Arg[]): void {
    if (this.#at + HEADER > SIZE) this.#handOut()
    this.#buffer[this.#at] = STAR
    this.#at = writeLength(this.#buffer, this.#at + 1, args.length)
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as Arg
      if (typeof arg !== "string") this.#addBytes(arg)
      else if (arg.length > SHORT || !this.#addShort(arg)) this.#addText(arg)
    }
  }

  /** Hands out what is left. */
  flush(): void {
    if (this.#at > this.#from) this.#give(this.#buffer.subarray(this.#from, this.#at))
    if (!this.#lent) {
      this.#from = 0
      this.#at = 0
    } else if (SIZE - this.#at < HEADER * 4) this.#replace()
    else this.#from = this.#at
  }

  /** Tells that nothing handed out is read any more. */
  reclaim(): void {
    this.#lent = false
    this.#large ??= this.#lentLarge
    this.#lentLarge = undefined
    if (this.#from !== this.#at) return
    this.#from = 0
    this.#at = 0
  }

  /** Stores a short ASCII argument; false, with nothing stored, if it is not ASCII. */
  #addShort(arg: string): boolean {
    const length = arg.length
    if (this.#at + length + HEADER > SIZE) this.#handOut()
    const buffer = this.#buffer
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
    if (arg.length >= LARGE_TEXT) {
      this.#addLargeText(arg)
      return
    }
    if (this.#at + arg.length * 3 + HEADER > SIZE) this.#handOut()
    const buffer = this.#buffer
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
    buffer[end] = CR
    buffer[end + 1] = LF
    this.#at = end + 2
  }

  #addLargeText(arg: string): void {
    const room = this.#measureText(arg)
    const kept = this.#large
    const memory = kept && kept.length >= room ? kept : this.#allocate(Math.ceil(room / SIZE) * SIZE)
    this.#large = undefined
    const isFree = this.#addUncopied(memory.subarray(0, this.#writeText(memory, arg, 0)))
    if (memory.length > KEPT) return
    if (isFree) this.#large = memory
    else this.#lentLarge = memory
  }

  #addBytes(arg: Uint8Array): void {
    const length = arg.length
    if (length >= UNCOPIED_BYTES) {
      this.#addUncopied(arg)
      return
    }
    if (this.#at + length + HEADER > SIZE) this.#handOut()
    const buffer = this.#buffer
    buffer[this.#at] = DOLLAR
    const start = writeLength(buffer, this.#at + 1, length)
    buffer.set(arg, start)
    buffer[start + length] = CR
    buffer[start + length + 1] = LF
    this.#at = start + length + 2
  }

  /** Hands bytes out as they are; true if nobody reads them any more. */
  #addUncopied(bytes: Uint8Array): boolean {
    if (this.#at + HEADER > SIZE) this.#handOut()
    this.#buffer[this.#at] = DOLLAR
    this.#at = writeLength(this.#buffer, this.#at + 1, bytes.length)
    this.#give(this.#buffer.subarray(this.#from, this.#at))
    this.#from = this.#at
    const isFree = this.#sink(bytes)
    if (this.#at + 2 > SIZE) this.#handOut()
    this.#buffer[this.#at++] = CR
    this.#buffer[this.#at++] = LF
    return isFree
  }

  #handOut(): void {
    if (this.#at > this.#from) this.#give(this.#buffer.subarray(this.#from, this.#at))
    if (this.#lent) this.#replace()
    this.#from = 0
    this.#at = 0
  }

  #give(chunk: Uint8Array): void {
    if (!this.#sink(chunk)) this.#lent = true
  }

  /** Leaves the buffer to whoever still reads it. */
  #replace(): void {
    this.#buffer = this.#allocate(SIZE)
    this.#lent = false
    this.#from = 0
    this.#at = 0
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
