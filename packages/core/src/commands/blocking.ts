import type { Arg } from "../transport.ts"
import { BLOCKING, type CommandSpec } from "./table.ts"
import { optionsAt, tokenAt } from "./token.ts"

/** Where a timeout stands, for those where it is not the last argument or too few would be taken for one. */
const TIMEOUT_AT: Readonly<Record<string, number>> = {
  brpoplpush: 3,
  blmove: 5,
  blmovem: 5,
  blmpop: 1,
  bzmpop: 1,
  wait: 2,
  waitaof: 3,
}

/** Whether the server may let the caller wait. `args` start with the name. */
export function isBlocking(spec: CommandSpec, args: readonly Arg[]): boolean {
  if ((spec.flags & BLOCKING) === 0) return false
  return !isStreamRead(spec) || blockAt(args) > 0
}

/**
 * The longest that the server waits before it answers, in ms: `Infinity` for a timeout of 0, and 0 for a command
 * that does not block or whose timeout the server refuses. `args` start with the name.
 */
export function blockingWaitMs(spec: CommandSpec, args: readonly Arg[]): number {
  if ((spec.flags & BLOCKING) === 0) return 0
  if (isStreamRead(spec)) {
    const block = blockAt(args)
    return block > 0 ? waitMs(numberAt(args, block + 1)) : 0
  }
  const unitMs = spec.name.startsWith("wait") ? 1 : 1000
  return waitMs(numberAt(args, TIMEOUT_AT[spec.name] ?? args.length - 1) * unitMs)
}

/** XREAD or XREADGROUP, which block only when they are told to. */
export function isStreamRead(spec: CommandSpec): boolean {
  return spec.name.startsWith("xread")
}

/** Index of the option BLOCK of XREAD or XREADGROUP; 0 where there is none. */
function blockAt(args: readonly Arg[]): number {
  const [first = 0] = optionsAt(["block", "streams"], args, 1)
  return tokenAt(args, first) === "block" ? first : 0
}

function numberAt(args: readonly Arg[], index: number): number {
  const token = tokenAt(args, index)
  return token === "" ? Number.NaN : Number(token)
}

function waitMs(timeout: number): number {
  if (timeout === 0) return Number.POSITIVE_INFINITY
  return timeout > 0 && timeout < Number.POSITIVE_INFINITY ? timeout : 0
}
