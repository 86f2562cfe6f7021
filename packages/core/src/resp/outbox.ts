import type { Arg } from "../transport.ts"
import type { ByteStream } from "./byte-stream.ts"
import { Encoder, type EncoderOptions } from "./encoder.ts"

const MULTI = ["MULTI"]
const EXEC = ["EXEC"]

/**
 * Bytes on their way to the kernel. One chunk is under way at a time, so that what was never handed over is known
 * exactly: the platform's own buffer would not tell.
 */
export class Outbox {
  readonly #stream: ByteStream
  readonly #encoder: Encoder
  readonly #waiting: Uint8Array[] = []
  /** Length of the chunk under way; some of it may have reached the kernel. */
  #underWay = 0
  /** Bytes of the chunks that wait. */
  #untouched = 0

  constructor(stream: ByteStream, options: EncoderOptions) {
    this.#stream = stream
    this.#encoder = new Encoder((chunk) => this.#write(chunk), options)
  }

  /** Bytes the kernel has not taken. */
  get backlog(): number {
    return this.#underWay + this.#untouched
  }

  /** Bytes, the last ones added, of which the kernel has surely none. */
  get untouched(): number {
    return this.#untouched
  }

  add(args: readonly Arg[]): void {
    this.#encoder.add(args)
  }

  addTransaction(commands: readonly (readonly Arg[])[]): void {
    this.#encoder.add(MULTI)
    for (const args of commands) this.#encoder.add(args)
    this.#encoder.add(EXEC)
  }

  flush(): void {
    this.#encoder.flush()
  }

  /** The chunk under way was taken: the next ones follow. True when nothing is left. */
  advance(): boolean {
    this.#underWay = 0
    for (let chunk = this.#waiting.shift(); chunk; chunk = this.#waiting.shift()) {
      this.#untouched -= chunk.length
      if (this.#stream.write(chunk)) continue
      this.#underWay = chunk.length
      return false
    }
    this.#encoder.reclaim()
    return true
  }

  /** Forgets what was not handed over. */
  clear(): void {
    this.#waiting.length = 0
    this.#underWay = 0
    this.#untouched = 0
  }

  #write(chunk: Uint8Array): boolean {
    if (this.#underWay === 0) {
      if (this.#stream.write(chunk)) return true
      // A stream that broke at this very write took nothing of it.
      if (!this.#stream.isBroken) {
        this.#underWay = chunk.length
        return false
      }
    }
    this.#waiting.push(chunk)
    this.#untouched += chunk.length
    return false
  }
}
