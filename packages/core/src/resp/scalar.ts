import { protocolError, unknownType } from "./protocol-error.ts"
import { BIG_NUMBER, BOOLEAN, DOUBLE, NULL } from "./wire.ts"

/** Digits that surely make a safe integer. */
const SAFE_DIGITS = 15

/** A length: digits, or -1 for RESP2's null. */
export function readLength(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] ?? 0
  if (first === 45) {
    if (to - from === 2 && bytes[from + 1] === 49) return -1
    throw protocolError("a length is negative")
  }
  let length = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 48
    if (digit < 0 || digit > 9) throw protocolError("a length is not a number")
    length = length * 10 + digit
  }
  if (to === from) throw protocolError("a length is not a number")
  return length
}

/** A number if it is safe, else its digits: no integer loses precision. */
export function readInteger(bytes: Uint8Array, from: number, to: number): number | string {
  const sign = bytes[from]
  const start = sign === 45 || sign === 43 ? from + 1 : from
  if (to === start) throw protocolError("an integer is not a number")
  let value = 0
  for (let i = start; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 48
    if (digit < 0 || digit > 9) throw protocolError("an integer is not a number")
    value = value * 10 + digit
  }
  if (to - start > SAFE_DIGITS && !Number.isSafeInteger(value)) {
    let digits = sign === 45 ? "-" : ""
    for (let i = start; i < to; i++) digits += String.fromCharCode(bytes[i] ?? 0)
    return digits
  }
  return sign === 45 && value !== 0 ? -value : value
}

/**
 * Checks a RESP3 double, big number, boolean or null. RESP2 sends the same text of the former two as a string.
 *
 * @throws ConnectionError if it is none of them.
 */
export function checkScalar(type: number, text: string): void {
  const shape = SHAPES.get(type)
  if (shape === undefined) throw unknownType()
  if (!shape.test(text)) throw protocolError("a value does not have the form of its type")
}

const SHAPES = new Map([
  [DOUBLE, /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf|nan)$/i],
  [BIG_NUMBER, /^[+-]?\d+$/],
  [BOOLEAN, /^[tf]$/],
  [NULL, /^$/],
])
