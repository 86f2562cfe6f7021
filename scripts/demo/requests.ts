import type { Row } from "./table.ts"

/** What an act says of the requests to a function that counts them. */
export interface Requests {
  readonly requests: number
  readonly failed: number
  /** How often Redis was told; each request tells it once. */
  readonly counted: number
  readonly connections: number
  /** How long each took that was answered, ms. */
  readonly times: readonly number[]
}

export const REQUEST_ROWS: readonly Row<Requests>[] = [
  ["requests", ({ requests }) => String(requests)],
  ["  that failed", ({ failed }) => String(failed)],
  ["  that Redis counted", ({ counted }) => String(counted)],
  ["connections opened", ({ connections }) => String(connections)],
]

/** None failed, and none was counted twice or not at all. */
export function isRight({ requests, failed, counted }: Requests): boolean {
  return failed === 0 && counted === requests
}
