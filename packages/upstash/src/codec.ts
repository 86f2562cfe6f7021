import type { Arg } from "@warmpool/core"

/** Base64, as fast as the platform can. */
export interface Codec {
  /** The base64 of an argument's bytes. */
  encode(arg: Arg): string
  toText(base64: string): string
  toBytes(base64: string): Uint8Array
}

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** The bytes of a string that has one character for each. */
function bytesOf(binary: string): Uint8Array {
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

/** Base64 by what every runtime has. */
export const webCodec: Codec = {
  encode(arg) {
    let binary = ""
    for (const byte of typeof arg === "string" ? encoder.encode(arg) : arg)
      binary += String.fromCharCode(byte)
    return btoa(binary)
  },
  toText(base64) {
    const binary = atob(base64)
    return /[^\0-\x7f]/.test(binary) ? decoder.decode(bytesOf(binary)) : binary
  },
  toBytes: (base64) => bytesOf(atob(base64)),
}
