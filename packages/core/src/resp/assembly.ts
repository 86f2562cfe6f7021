import type { ReplyError } from "../errors.ts"
import type { Decode, Reply } from "../transport.ts"
import type { Gather } from "./gather.ts"
import { protocolError } from "./protocol-error.ts"
import { copyBytes } from "./strings.ts"
import * as wire from "./wire.ts"

/** How a reply is wanted; `items`: an array, each of its items raw. */
export type Wanted = Decode | "items"

/** Takes replies as they become whole, in order. None of these may throw. */
export interface Receiver {
  /** How the reply that begins now is wanted; undefined if nobody asked for one. */
  next(): Wanted | undefined
  reply(reply: Reply): void
  /** An error reply; also one that nobody asked for, such as a refusal at the door. */
  error(error: ReplyError): void
  /** What the server says unasked in RESP3; strings are bytes. */
  push?(items: readonly Reply[]): void
}

/** An array under way. */
interface Frame {
  readonly type: number
  readonly items: Reply[]
  readonly size: number
  readonly outer: Frame | undefined
}

/** Puts values into the arrays they belong to, and gives whole replies to the receiver. */
export class Assembly {
  /** How the reply under way is wanted; undefined between replies. */
  decode: Wanted | undefined
  readonly #receiver: Receiver
  readonly #deepest: number
  /** The bytes of a raw reply so far. Its values are only counted: no stack is needed for that. */
  readonly #raw: Gather
  /** Values of a raw reply still to come. */
  #left = 0
  #frame: Frame | undefined
  #depth = 0

  /** @param raw - Where whoever reads the bytes keeps those of a raw reply, before the value they make is delivered. */
  constructor(receiver: Receiver, deepest: number, raw: Gather) {
    this.#receiver = receiver
    this.#deepest = deepest
    this.#raw = raw
  }

  /** Asks how the reply that begins with this byte is wanted; an error reply is text whatever was wanted. */
  begin(type: number): void {
    if (type === wire.PUSH || type === wire.ATTRIBUTE) {
      this.decode = "bytes"
      return
    }
    const isError = type === wire.ERROR || type === wire.BULK_ERROR
    const wanted = this.#receiver.next()
    if (wanted === undefined && !isError) throw protocolError("a reply came that nobody asked for")
    this.decode = isError ? "text" : wanted
    this.#left = 1
  }

  deliver(value: Reply): void {
    if (this.decode === "raw") {
      this.#count(-1)
      return
    }
    if (this.#frame !== undefined) {
      this.#insert(this.#frame, value)
      return
    }
    this.decode = undefined
    this.#receiver.reply(value)
  }

  /** An error is a reply of its own, or a value within an array. */
  fail(error: ReplyError): void {
    if (this.decode === "raw") {
      this.#count(-1)
      return
    }
    if (this.#frame !== undefined) {
      this.#insert(this.#frame, error)
      return
    }
    this.decode = undefined
    this.#receiver.error(error)
  }

  /** Opens an array of `size` elements, or of `size` pairs, flat. */
  open(type: number, size: number): void {
    if (size > wire.MOST_ITEMS) throw protocolError("an array is too long")
    const isRaw = this.decode === "raw"
    if (type === wire.PUSH && (this.#frame || isRaw)) throw protocolError("a push came within a reply")
    const items = type === wire.MAP || type === wire.ATTRIBUTE ? size * 2 : size
    if (isRaw) {
      this.#count(type === wire.ATTRIBUTE ? items : items - 1)
      return
    }
    const frame: Frame = { type, items: [], size: items, outer: this.#frame }
    if (items === 0) {
      this.#close(frame)
      return
    }
    if (this.#depth === this.#deepest) throw protocolError("arrays are nested too deep")
    this.#depth += 1
    this.#frame = frame
    if (this.decode === "items") this.decode = "raw"
  }

  /** Hands a raw reply over once no value of it is missing. */
  #count(more: number): void {
    this.#left += more
    if (this.#left > 0) return
    const reply = copyBytes(this.#raw.bytes, 0, this.#raw.length)
    this.#raw.clear()
    if (this.#frame === undefined) {
      this.decode = undefined
      this.#receiver.reply(reply)
      return
    }
    this.#left = 1
    // The last item ends the array, which is no raw value itself.
    this.decode = "items"
    this.#insert(this.#frame, reply)
    if (this.#frame) this.decode = "raw"
  }

  #insert(frame: Frame, value: Reply): void {
    frame.items.push(value)
    let full = frame
    while (full.items.length === full.size) {
      this.#depth -= 1
      this.#frame = full.outer
      if (full.outer === undefined || full.type === wire.ATTRIBUTE) {
        this.#close(full)
        return
      }
      full.outer.items.push(full.items)
      full = full.outer
    }
  }

  #close({ type, items, outer }: Frame): void {
    if (type === wire.PUSH) {
      this.decode = undefined
      this.#receiver.push?.(items)
      // Attributes say something about the reply that follows; RESP2 has no place for it.
    } else if (type !== wire.ATTRIBUTE) this.deliver(items)
    else if (outer === undefined) this.decode = undefined
  }
}
