const CR = 13
const DASH = 45
const BULK = 36
const ARRAY = 42

/** Cuts a raw RESP2 array into the bytes of its items; null for the null array. It must be whole. */
export function splitArray(raw: Uint8Array): Uint8Array[] | null {
  if (raw[1] === DASH) return null
  const items: Uint8Array[] = []
  for (let start = endOfLine(raw, 0); start < raw.length; ) {
    const end = endOfItem(raw, start)
    items.push(raw.subarray(start, end))
    start = end
  }
  return items
}

/** Where the reply that begins at `start` ends; nothing is recursive, however deep the arrays. */
function endOfItem(raw: Uint8Array, start: number): number {
  let at = start
  for (let left = 1; left > 0; left--) {
    const type = raw[at]
    const length = type === BULK || type === ARRAY ? lengthAt(raw, at + 1) : -1
    at = endOfLine(raw, at)
    if (length < 0) continue
    if (type === BULK) at += length + 2
    else left += length
  }
  return at
}

/** -1 for a null. */
function lengthAt(raw: Uint8Array, from: number): number {
  if (raw[from] === DASH) return -1
  let length = 0
  for (let at = from; at < raw.length && raw[at] !== CR; at++) length = length * 10 + (raw[at] ?? 0) - 48
  return length
}

function endOfLine(raw: Uint8Array, from: number): number {
  const cr = raw.indexOf(CR, from)
  return cr < 0 ? raw.length : cr + 2
}
