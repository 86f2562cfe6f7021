import { ArgumentError } from "./errors.ts"

/** How the caller wants one command, or all of a view, to be sent. */
export interface How {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** @throws ArgumentError unless `timeoutMs` is a positive number and `signal` an AbortSignal. */
export function checkHow(how: { readonly timeoutMs?: unknown; readonly signal?: unknown }): void {
  if (typeof how !== "object" || how === null) throw new ArgumentError("with: pass { signal, timeoutMs }")
  const { timeoutMs, signal, ...others } = how
  refuseOthers("with", others, "signal and timeoutMs")
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0)) {
    throw new ArgumentError("with: timeoutMs takes a number of milliseconds above 0")
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ArgumentError("with: signal takes an AbortSignal")
  }
}

/** @throws ArgumentError if anything is left of a method's options; `known` says what it takes. */
export function refuseOthers(where: string, others: object, known: string): void {
  const [name] = Object.keys(others)
  if (name !== undefined) throw new ArgumentError(`${where}: unknown option ${name}: it takes ${known}`)
}
