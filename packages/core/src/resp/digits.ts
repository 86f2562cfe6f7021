import { protocolError } from "./protocol-error.ts"
import { ARRAY, BULK } from "./wire.ts"

/** A length: digits, or -1 for RESP2's null. */
export function readSize(bytes: Uint8Array, from: number, to: number): number {
  const type = bytes[from - 1]
  const mayBeNull = type === BULK || type === ARRAY
  if (mayBeNull && bytes[from] === 45 && bytes[from + 1] === 49 && to - from === 2) return -1
  return readDigits(bytes, from, to)
}

export function readDigits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 48
    if (digit < 0 || digit > 9) throw protocolError("a number has other characters than digits")
    value = value * 10 + digit
  }
  if (from === to) throw protocolError("a number has no digits")
  return value
}
