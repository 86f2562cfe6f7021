import { Buffer } from "node:buffer"
import type { ParserOptions } from "@warmpool/core/resp"
import type { Codec } from "../codec.ts"

/** Base64 by Node's Buffer. */
export const nodeCodec: Codec = {
  encode: (arg) =>
    (typeof arg === "string"
      ? Buffer.from(arg)
      : Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength)
    ).toString("base64"),
  toText: (base64) => Buffer.from(base64, "base64").toString(),
  toBytes: (base64) => Uint8Array.from(Buffer.from(base64, "base64")),
}

type Slice = (this: Uint8Array, from: number, to: number) => string

// What `toString` stands on; it costs half of `TextDecoder`. Not documented: without it the parser has its own.
const slice: Slice | undefined = Reflect.get(Buffer.prototype, "utf8Slice")

/** Text for the parser by Node's Buffer. */
export const parserOptions: ParserOptions = slice
  ? { decodeText: (bytes, from, to) => slice.call(bytes, from, to) }
  : {}
