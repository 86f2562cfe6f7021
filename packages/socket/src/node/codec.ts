import { Buffer } from "node:buffer"
import type { Codec } from "@warmpool/core/resp"

type Slice = (this: Uint8Array, from: number, to: number) => string
type Write = (this: Uint8Array, text: string, at: number) => number

// Node's own `toString` and `write` stand on these two, which take any Uint8Array; they cost half of `TextDecoder` and
// `TextEncoder`. They are not documented: without them the Web's classes do the work.
const slice: Slice | undefined = Reflect.get(Buffer.prototype, "utf8Slice")
const write: Write | undefined = Reflect.get(Buffer.prototype, "utf8Write")

/** Memory and text by Node's Buffer. */
export const nodeCodec: Codec = {
  allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
  measureText: (text) => Buffer.byteLength(text),
  ...(slice && { decodeText: (bytes: Uint8Array, from: number, to: number) => slice.call(bytes, from, to) }),
  ...(write && {
    writeText: (buffer: Uint8Array, text: string, at: number) => write.call(buffer, text, at),
  }),
}
