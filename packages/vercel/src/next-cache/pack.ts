/** Where a run of bytes, a Map, or an object that looks like one of these stands in the text before the bytes. */
const BYTES = "$bytes"
const MAP = "$map"
const OBJECT = "$object"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Puts a value of Next's into one run of bytes: the length of a text, the text in JSON, and behind it the bytes that the
 * value holds, as they are. It takes what JSON takes, byte arrays, and Maps; `undefined` is left out.
 */
export function pack(value: unknown): Uint8Array {
  const runs: Uint8Array[] = []
  let size = 0
  const shown = (one: unknown): unknown => {
    if (typeof one !== "object" || one === null) return one
    if (Array.isArray(one)) return one.map(shown)
    if (one instanceof Uint8Array) {
      runs.push(one)
      size += one.length
      return { [BYTES]: [size - one.length, one.length] }
    }
    if (one instanceof Map) return { [MAP]: [...one].map(([key, held]) => [key, shown(held)]) }
    const object = Object.fromEntries(Object.entries(one).map(([key, held]) => [key, shown(held)]))
    return BYTES in one || MAP in one || OBJECT in one ? { [OBJECT]: Object.entries(object) } : object
  }
  const text = encoder.encode(JSON.stringify(shown(value) ?? null))
  const packed = new Uint8Array(4 + text.length + size)
  new DataView(packed.buffer).setUint32(0, text.length)
  packed.set(text, 4)
  let end = 4 + text.length
  for (const run of runs) {
    packed.set(run, end)
    end += run.length
  }
  return packed
}

/** The value again; bytes are Node's buffers, which is what Next expects. Throws when it is not what `pack` gave. */
export function unpack(packed: Uint8Array): unknown {
  const length = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getUint32(0)
  const behind = 4 + length
  return JSON.parse(decoder.decode(packed.subarray(4, behind)), (_key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value
    if (BYTES in value) {
      const [start, size] = value[BYTES] as [number, number]
      const { buffer, byteOffset } = packed
      return Buffer.from(buffer as ArrayBuffer, byteOffset + behind + start, size)
    }
    if (MAP in value) return new Map(value[MAP] as [unknown, unknown][])
    return OBJECT in value ? Object.fromEntries(value[OBJECT] as [string, unknown][]) : value
  })
}
