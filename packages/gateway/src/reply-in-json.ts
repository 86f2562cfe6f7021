import type { Reply } from "@warmpool/core"
import type { Codec } from "./codec.ts"
import { SHORT, shortBase64, shortJson } from "./short-strings.ts"

/** How strings of a reply are written. */
export type Encoding = "text" | "base64"

/** Writes replies as Upstash does; they come with `decode: "bytes"`. */
export class ReplyWriter {
  readonly #codec: Codec
  readonly #encoding: Encoding

  constructor(codec: Codec, encoding: Encoding) {
    this.#codec = codec
    this.#encoding = encoding
  }

  /** `{"result":…}`, or `{"error":…}` for an error. */
  outcome(outcome: Reply | Error): string {
    if (outcome instanceof Error) return errorInJson(outcome.message)
    return `{"result":${outcome instanceof Uint8Array ? this.#outermost(outcome) : this.#value(outcome)}}`
  }

  /** The status OK is never encoded; clients rely on that, and only where it is the whole reply. */
  #outermost(bytes: Uint8Array): string {
    return bytes.length === 2 && bytes[0] === 79 && bytes[1] === 75 ? '"OK"' : this.#string(bytes)
  }

  #value(reply: Reply): string {
    if (reply instanceof Uint8Array) return this.#string(reply)
    if (reply === null) return "null"
    if (reply instanceof Error) return errorInJson(reply.message)
    // A string is an integer beyond 2^53 here: its digits are a JSON number as they are.
    if (typeof reply === "number" || typeof reply === "string") return String(reply)
    return this.#array(reply)
  }

  #array(items: readonly Reply[]): string {
    let text = "["
    for (let i = 0; i < items.length; i++) text += `${i === 0 ? "" : ","}${this.#value(items[i] ?? null)}`
    return `${text}]`
  }

  #string(bytes: Uint8Array): string {
    const isShort = bytes.length <= SHORT
    // Base64 needs no escapes.
    if (this.#encoding === "base64") return `"${isShort ? shortBase64(bytes) : this.#codec.base64(bytes)}"`
    return (isShort ? shortJson(bytes) : undefined) ?? JSON.stringify(this.#codec.text(bytes))
  }
}

/** `{"error":…}`. */
function errorInJson(message: string): string {
  return `{"error":${JSON.stringify(message)}}`
}
