/** Reads UTF-8. */
export type DecodeText = (bytes: Uint8Array, from: number, to: number) => string

/** V8 copies shorter cuts of a string; longer ones would keep the whole chunk alive. */
const CUT = 13

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Makes strings of a chunk's bytes. The chunk is decoded once where that is cheaper than string by string. */
export class Strings {
  /** Reads UTF-8, as fast as the platform can. */
  readonly decode: DecodeText
  #chunk: Uint8Array | undefined
  /** The chunk as text, once asked for; null if it is not ASCII. */
  #text: string | null | undefined

  constructor(decode: DecodeText | undefined) {
    this.decode = decode ?? ((bytes, from, to) => utf8.decode(bytes.subarray(from, to)))
  }

  /** Names the chunk that is read now, undefined for none: its bytes may change afterwards. */
  enter(chunk: Uint8Array | undefined): void {
    this.#chunk = chunk
    this.#text = undefined
  }

  read(bytes: Uint8Array, from: number, to: number): string {
    if (to - from >= CUT || bytes !== this.#chunk) return this.decode(bytes, from, to)
    if (this.#text === undefined) this.#text = this.#decodeChunk(bytes)
    return this.#text === null ? this.decode(bytes, from, to) : this.#text.substring(from, to)
  }

  /** No byte sequence decodes to more units than it has bytes: equal lengths mean that positions agree. */
  #decodeChunk(bytes: Uint8Array): string | null {
    const text = this.decode(bytes, 0, bytes.length)
    return text.length === bytes.length ? text : null
  }
}

/** Bytes of their own. Not `slice`: a Buffer's gives a view. */
export function copyBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copied = new Uint8Array(to - from)
  copied.set(bytes.subarray(from, to))
  return copied
}
