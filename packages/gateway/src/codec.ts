/** What a platform can do faster than the Web's own classes. */
export interface Codec {
  /** Bytes as text; what is not UTF-8 becomes U+FFFD. */
  text(bytes: Uint8Array): string
  base64(bytes: Uint8Array): string
}

/** Arguments of one call are on the stack: this many at once. */
const CHUNK = 8_192

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** The Web's own classes. */
export const webCodec: Codec = {
  text: (bytes) => decoder.decode(bytes),
  base64(bytes) {
    let binary = ""
    for (let at = 0; at < bytes.length; at += CHUNK)
      binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
    return btoa(binary)
  },
}
