import { isPlainObject, kindOf } from "./config/options.ts"
import { ArgumentError } from "./errors.ts"

/** How the caller wants one command, or all of a view, to be sent. */
export interface How {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** @throws ArgumentError unless `timeoutMs` is a positive number and `signal` an AbortSignal. */
export function checkHow(how: { readonly timeoutMs?: unknown; readonly signal?: unknown }): void {
  checkNames("with", how, ["signal", "timeoutMs"])
  const { timeoutMs, signal } = how
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0)) {
    throw new ArgumentError("with: timeoutMs takes a number of milliseconds above 0")
  }
  checkSignal("with", signal)
}

/** @throws ArgumentError unless a signal, if there is one, is an AbortSignal. */
export function checkSignal(where: string, signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ArgumentError(`${where}: signal takes an AbortSignal`)
  }
}

/** @throws ArgumentError unless a method was given an object of options that holds no others than `known`. */
export function checkNames(where: string, given: unknown, known: readonly string[]): void {
  const takes = () => `takes ${known.join(" and ")}`
  if (!isPlainObject(given))
    throw new ArgumentError(`${where} ${takes()}, in an object; it got ${kindOf(given)}`)
  for (const name of Object.keys(given))
    if (!known.includes(name)) throw new ArgumentError(`${where}: unknown option ${name}: it ${takes()}`)
}
