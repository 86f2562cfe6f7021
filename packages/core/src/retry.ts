import type { CommandSpec } from "./commands/table.ts"
import {
  ConfigError,
  ConnectionError,
  OutcomeUnknownError,
  PoolClosedError,
  ReplyError,
  WarmpoolError,
} from "./errors.ts"
import { Command, type Pending } from "./pending.ts"
import type { Arg } from "./transport.ts"

/** Which writes may be sent again though their outcome is unknown. */
export type RetryWrites = "never" | "overwrites"

/** Refusals after which another server must be asked: this one is a replica, lost its master, or does not know us. */
const WRONG_SERVER = new Set(["READONLY", "MASTERDOWN", "NOAUTH"])

/** Whether the server said that the command did not run and may be sent again. */
export function isRefusal(error: unknown): error is WarmpoolError {
  return error instanceof WarmpoolError && error.fate === "refused"
}

/** Whether the refusal asks for a new connection, its address resolved anew. */
export function needsNewConnection(error: Error): boolean {
  if (!(error instanceof ReplyError)) return false
  return WRONG_SERVER.has(error.kind) || (error.previousErrors?.some(needsNewConnection) ?? false)
}

/** Whether a node of a cluster names another one to ask: only who knows the cluster can do that. */
export function isRedirect(error: Error): boolean {
  if (!(error instanceof ReplyError)) return false
  return error.kind === "MOVED" || error.kind === "ASK" || (error.previousErrors?.some(isRedirect) ?? false)
}

/** Whether connecting again can't help: refused credentials or database, a bad certificate, a wrong option. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof ReplyError) return !isRefusal(error) || error.kind === "NOAUTH"
  if (!(error instanceof ConnectionError)) return true
  const cause = error.cause
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER|ERR_TLS/.test(code)
}

/**
 * A command that only overwrites: running it twice leaves what running it once leaves, unless another writer came
 * between. `SET` with options is not one: NX, XX, GET and KEEPTTL depend on what was there.
 */
function isOverwrite(spec: CommandSpec, args: readonly Arg[]): boolean {
  if (spec.name === "mset" || spec.name === "hmset") return true
  return spec.name === "set" && args.length === 3
}

/** Whether a command may be sent again though it may have run. */
export function mayReplay(pending: Pending, retryWrites: RetryWrites): boolean {
  if (pending.replayable) return true
  if (retryWrites === "never") return false
  return pending instanceof Command && isOverwrite(pending.spec, pending.args)
}

/** The error of a command that is given up together with what carried it; `now` tells how long it waited. */
export function lostError(pending: Pending, cause: Error, now?: number): Error {
  const command = pending.spec.wire
  if (!pending.exposed) return unsentError(`${command} was not sent`, cause)
  const waitedMs = now === undefined ? now : now - pending.issued
  return pending.replayable
    ? new ConnectionError(`no reply to ${command}: ${cause.message}`, { cause, fate: "unknown", waitedMs })
    : new OutcomeUnknownError(command, { cause, waitedMs })
}

/** A copy, for one caller of whom nothing was sent, of what stopped it; `what` begins the words of a loss. */
export function unsentError(what: string, cause: Error): Error {
  const detail = { cause, fate: "unsent" } as const
  for (const Kind of [PoolClosedError, ConfigError, ReplyError])
    if (cause instanceof Kind) return new Kind(cause.message, detail)
  return new ConnectionError(`${what}: ${cause.message}`, detail)
}

/** How long the server asked to be left alone, ms. */
export function retryAfterMs({ setback }: Pending): number {
  return setback instanceof ConnectionError ? (setback.retryAfterMs ?? 0) : 0
}
