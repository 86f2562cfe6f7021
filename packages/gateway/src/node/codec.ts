import type { Codec } from "../codec.ts"

/** Node's own ways, which are several times faster. */
export const nodeCodec: Codec = {
  text: (bytes) => viewOf(bytes).toString("utf8"),
  base64: (bytes) => viewOf(bytes).toString("base64"),
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
