import { BLOCKING, type CommandSpec } from "./table.ts"
import { numberAt, tokenAt } from "./token.ts"

/** Where each command has its timeout, negative from the end, and how many ms its unit is. */
const TIMEOUTS: Readonly<Record<string, readonly [index: number, unitMs: number]>> = {
  blpop: [-1, 1000],
  brpop: [-1, 1000],
  bzpopmin: [-1, 1000],
  bzpopmax: [-1, 1000],
  brpoplpush: [3, 1000],
  blmove: [5, 1000],
  blmovem: [5, 1000],
  blmpop: [1, 1000],
  bzmpop: [1, 1000],
  wait: [2, 1],
  waitaof: [3, 1],
}

/** How many arguments follow each option of XREAD and XREADGROUP that may come before STREAMS. */
const STREAM_OPTIONS: ReadonlyMap<string, number> = new Map([
  ["block", 1],
  ["count", 1],
  ["group", 2],
  ["noack", 0],
  ["claim", 1],
])

/** Whether the server may let the caller wait. `args` start with the name. */
export function isBlocking(spec: CommandSpec, args: readonly unknown[]): boolean {
  if ((spec.flags & BLOCKING) === 0) return false
  return spec.name in TIMEOUTS || streamOption(args, "block") > 0
}

/**
 * The longest that the server waits before it answers, in ms: `Infinity` for a timeout of 0, and 0 for a command
 * that does not block or whose timeout the server refuses. `args` start with the name.
 */
export function blockingWaitMs(spec: CommandSpec, args: readonly unknown[]): number {
  if ((spec.flags & BLOCKING) === 0) return 0
  const timeout = TIMEOUTS[spec.name]
  if (!timeout) {
    const block = streamOption(args, "block")
    return block > 0 ? waitMs(numberAt(args, block + 1)) : 0
  }
  const [index, unitMs] = timeout
  return waitMs(numberAt(args, index < 0 ? args.length + index : index) * unitMs)
}

/** Index of an option of XREAD or XREADGROUP, or of its STREAMS; -1 when it is not there. */
export function streamOption(args: readonly unknown[], wanted: string): number {
  for (let i = 1; i < args.length; i++) {
    const token = tokenAt(args, i)
    if (token === wanted) return i
    const operands = STREAM_OPTIONS.get(token)
    if (operands === undefined) return -1
    i += operands
  }
  return -1
}

function waitMs(timeout: number): number {
  if (timeout === 0) return Number.POSITIVE_INFINITY
  return timeout > 0 && timeout < Number.POSITIVE_INFINITY ? timeout : 0
}
