import { isBlocking } from "./commands/blocking.ts"
import { alternativeTo, isStateful, isUnsendable } from "./commands/subcommands.ts"
import { BLOCKING, BY_SUBCOMMAND, STATEFUL, UNSENDABLE } from "./commands/table.ts"
import { ArgumentError, UnsupportedCommandError } from "./errors.ts"
import type { Call } from "./pending.ts"

const SPECIAL = BLOCKING | STATEFUL | UNSENDABLE | BY_SUBCOMMAND

/** Where a command wants to go; `ordinary` ones may share a connection. */
export type Kind = "ordinary" | "blocking" | "stateful"

/** Throws UnsupportedCommandError for a command that no lane can carry. */
export function kindOf({ spec, args }: Call): Kind {
  if ((spec.flags & SPECIAL) === 0) return "ordinary"
  if (isUnsendable(spec, args))
    throw new UnsupportedCommandError(`${spec.wire}: ${alternativeTo(spec)}`, { fate: "unsent" })
  // WAIT is both: on a lease of its own it would wait for nobody's writes.
  if (isStateful(spec, args)) return "stateful"
  return isBlocking(spec, args) ? "blocking" : "ordinary"
}

/** The refusal of a command that depends on its connection, on a lane that shares one. */
export function statefulError({ spec }: Call): UnsupportedCommandError {
  const message = `${spec.wire} changes the connection, which others share: ${alternativeTo(spec)}`
  return new UnsupportedCommandError(message, { fate: "unsent" })
}

/** The refusal of a command that would hold up the whole pipeline, and everyone who shares its connection. */
export function blockingError({ spec }: Call): UnsupportedCommandError {
  const message = `${spec.wire} waits on the server, and a pipeline would wait with it: call it on its own`
  return new UnsupportedCommandError(message, { fate: "unsent" })
}

/** @throws ArgumentError unless `timeoutMs` is a positive number and `signal` an AbortSignal. */
export function checkHow(how: { readonly timeoutMs?: unknown; readonly signal?: unknown }): void {
  if (typeof how !== "object" || how === null) throw new ArgumentError("with: pass { signal, timeoutMs }")
  const { timeoutMs, signal, ...unknown } = how
  const name = Object.keys(unknown)[0]
  if (name !== undefined)
    throw new ArgumentError(`with: unknown option ${name}: it takes signal and timeoutMs`)
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0)) {
    throw new ArgumentError("with: timeoutMs takes a number of milliseconds above 0")
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ArgumentError("with: signal takes an AbortSignal")
  }
}
