import type { Bounds } from "./receiver.ts"

/** First bytes of RESP, and what ends a line. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export const CR = 13
export const LF = 10
export const ERROR = 45 // -
export const INTEGER = 58 // :
export const BULK = 36 // $
export const ARRAY = 42 // *
export const NULL = 95 // _
export const BOOLEAN = 35 // #
export const BULK_ERROR = 33 // !
export const VERBATIM = 61 // =
export const MAP = 37 // %
export const PUSH = 62 // >
export const ATTRIBUTE = 124 // |

/** What follows the first line: nothing, or as many bytes as it says; anything else: as many elements. */
export const LINE_ONLY = 1
export const BYTES = 2

const FORMS = new Uint8Array(256)
for (const [index, types] of ["+-:_#,(", "$!=", "*~%>|"].entries())
  for (const type of types) FORMS[type.charCodeAt(0)] = index + 1

/** What follows the first line of an element that begins with this byte; 0 if none does. */
export function formOf(type: number): number {
  return FORMS[type] ?? 0
}

/** Elements of an array; more could not be held. */
export const MOST_ITEMS = 0xffff_ffff

export const BOUNDS: Bounds = { depth: 1_024, line: 1 << 20, bulk: 512 << 20 }
