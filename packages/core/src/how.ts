import type { Option } from "./config/options.ts"

/** How the caller wants one command, or all of a view, to be sent. */
export interface How {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** What ends a wait. */
export const aSignal: Option<AbortSignal | undefined> = {
  expects: "an AbortSignal",
  accepts: (value) => value instanceof AbortSignal,
}

/** The options of `with`. */
export const howSpec = {
  signal: aSignal,
  timeoutMs: {
    expects: "a number of milliseconds above 0",
    accepts: (value: unknown) => typeof value === "number" && value > 0,
  },
}
