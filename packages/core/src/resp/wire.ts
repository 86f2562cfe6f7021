/** First bytes of RESP, and what ends a line. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export const CR = 13
export const LF = 10
export const STRING = 43 // +
export const ERROR = 45 // -
export const INTEGER = 58 // :
export const BULK = 36 // $
export const ARRAY = 42 // *
export const NULL = 95 // _
export const BOOLEAN = 35 // #
export const DOUBLE = 44 // ,
export const BIG_NUMBER = 40 // (
export const BULK_ERROR = 33 // !
export const VERBATIM = 61 // =
export const MAP = 37 // %
export const SET = 126 // ~
export const PUSH = 62 // >
export const ATTRIBUTE = 124 // |

const TYPES = new Uint8Array(256)
for (const type of [STRING, ERROR, INTEGER, BULK, ARRAY, NULL, BOOLEAN, DOUBLE, BIG_NUMBER, BULK_ERROR])
  TYPES[type] = 1
for (const type of [VERBATIM, MAP, SET, PUSH, ATTRIBUTE]) TYPES[type] = 1

/** Whether a reply, or an element of one, may begin with this byte. */
export function isType(byte: number): boolean {
  return TYPES[byte] === 1
}

/** What the parser takes at the most. */
export interface Bounds {
  /** Arrays within arrays. @defaultValue 1_024 */
  readonly depth: number
  /** Bytes of a line. @defaultValue 1 MiB */
  readonly line: number
  /** Bytes of a bulk string. @defaultValue 512 MiB */
  readonly bulk: number
}

/** Elements of an array; more could not be held. */
export const MOST_ITEMS = 0xffff_ffff

export const BOUNDS: Bounds = { depth: 1_024, line: 1 << 20, bulk: 512 << 20 }
