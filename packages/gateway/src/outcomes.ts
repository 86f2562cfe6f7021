import {
  OutcomeUnknownError,
  PoolClosedError,
  type Reply,
  ReplyError,
  TimeoutError,
  WarmpoolError,
} from "@warmpool/core"
import { errorAnswer, NOT_RUN } from "./answers.ts"
import type { Answer } from "./exchange.ts"

/** What became of a command that the server did not answer. */
type Lost = "not run" | "unknown"

/** Characters of a header: clients take 16 kB of all together. */
const LONGEST = 4_096

const NOT_RUN_MESSAGE = "ERR the gateway can't reach Redis, and nothing was run: try again"
const UNKNOWN_MESSAGE =
  "ERR Redis was asked and did not answer: it may have run. Read back before you repeat it"

/**
 * Undefined for a reply, the server's own error, and for what would fail again in the same way; else what became of
 * the command.
 */
function lostOf(outcome: Reply | Error): Lost | undefined {
  if (!(outcome instanceof WarmpoolError) || outcome instanceof ReplyError) return undefined
  if (outcome instanceof PoolClosedError) return "not run"
  const isLoss = outcome.code === "ERR_CONNECTION" || outcome.code === "ERR_TIMEOUT"
  if (!isLoss && !(outcome instanceof OutcomeUnknownError) && outcome.code !== "ERR_ACQUIRE_TIMEOUT")
    return undefined
  return outcome.fate === "unsent" || outcome.fate === "refused" ? "not run" : "unknown"
}

/** What is answered when no command of a request has a reply; undefined if one has. */
export function lossOf(outcomes: readonly (Reply | Error)[]): Answer | undefined {
  let fate: Lost = "not run"
  for (const outcome of outcomes) {
    const lost = lostOf(outcome)
    if (lost === undefined) return undefined
    if (lost === "unknown") fate = "unknown"
  }
  if (fate === "not run") return errorAnswer(503, NOT_RUN_MESSAGE, NOT_RUN)
  return errorAnswer(outcomes.some(wasLate) ? 504 : 502, UNKNOWN_MESSAGE)
}

/** Where only some commands have a reply: headers that say which others did not run, and which may have. */
export function fatesOf(outcomes: readonly (Reply | Error)[]): Record<string, string> | undefined {
  const unsent: number[] = []
  const unknown: number[] = []
  outcomes.forEach((outcome, index) => {
    const lost = outcome instanceof Error ? lostOf(outcome) : undefined
    if (lost !== undefined) (lost === "unknown" ? unknown : unsent).push(index)
  })
  if (unsent.length + unknown.length === 0) return undefined
  return {
    ...(unsent.length > 0 && { "warmpool-unsent": shortened(inRanges(unsent, 1)) }),
    ...(unknown.length > 0 && { "warmpool-unknown": widened(unknown) }),
  }
}

/** Fewer are told of, and count as errors of their own. */
function shortened(ranges: string): string {
  return ranges.length > LONGEST ? ranges.slice(0, ranges.lastIndexOf(",", LONGEST)) : ranges
}

/** Ranges grow together over commands that have a reply, to which what is said of errors does not apply. */
function widened(unknown: readonly number[]): string {
  let step = 1
  let ranges = inRanges(unknown, step)
  while (ranges.length > LONGEST) {
    step *= 2
    ranges = inRanges(unknown, step)
  }
  return ranges
}

/** What a client may see of an error: the server's words, and never an address. */
export function shownOf(outcome: Reply | Error): Reply | Error {
  const lost = outcome instanceof Error ? lostOf(outcome) : undefined
  if (lost === undefined) return outcome
  return new Error(lost === "unknown" ? UNKNOWN_MESSAGE : NOT_RUN_MESSAGE)
}

function wasLate(outcome: Reply | Error): boolean {
  if (outcome instanceof TimeoutError) return true
  return outcome instanceof OutcomeUnknownError && outcome.cause instanceof TimeoutError
}

/** `0-3,7`; what is no further away than `step` belongs together. */
function inRanges(indexes: readonly number[], step: number): string {
  const ranges: [number, number][] = []
  for (const index of indexes) {
    const last = ranges.at(-1)
    if (last && index - last[1] <= step) last[1] = index
    else ranges.push([index, index])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",")
}
