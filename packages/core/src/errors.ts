/**
 * What became of a command without a reply: `unsent` never reached the kernel, `refused` was turned away by the
 * server before it ran, `unknown` was written and may have run.
 */
export type Fate = "unsent" | "refused" | "unknown"

/** What an error of ours may carry beside its message. */
export interface ErrorDetail {
  readonly cause?: unknown
  readonly fate?: Fate | undefined
  /** How long the caller waited, ms. */
  readonly waitedMs?: number | undefined
  /** How long the server asked to be left alone, ms: `Retry-After`. */
  readonly retryAfterMs?: number | undefined
  /** Of an EXECABORT: why commands were refused when they were queued. */
  readonly previousErrors?: readonly ReplyError[] | undefined
}

/** The root of every error of this library; `code` is stable across releases. */
export abstract class WarmpoolError extends Error {
  abstract readonly code: string
  /** Set when the command has no reply; undefined for an answer or a wrong call. */
  declare readonly fate: Fate | undefined
  declare readonly waitedMs: number | undefined

  constructor(message: string, { cause, ...others }: ErrorDetail = {}) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, others)
  }
}

/** Refusals that say the command did not run and may be sent again. */
const REFUSED =
  /^(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|NOAUTH|MOVED|ASK|ERR max number of clients)\b/

/** What a server's error echoes of the caller's arguments follows. Source: `rejectCommandFormat` in redis' server.c. */
const ECHO = ", with args beginning with:"

/** The server answered with an error. The message is the server's, less the arguments it echoes. */
export class ReplyError extends WarmpoolError {
  override readonly name = "ReplyError"
  readonly code = "ERR_REPLY"
  /** The first word of the server's message, such as `WRONGTYPE`. */
  readonly kind: string
  /** Of an EXECABORT: why commands were refused when they were queued. */
  declare readonly previousErrors: readonly ReplyError[] | undefined

  constructor(message: string, detail: ErrorDetail = {}) {
    const [shown = ""] = message.split(ECHO)
    super(shown, { ...detail, fate: detail.fate ?? (REFUSED.test(shown) ? "refused" : undefined) })
    this.kind = shown.replace(/ .*/s, "")
  }
}

/** There is no connection, or it was lost, or it turned the command away. What was asked may be asked again. */
export class ConnectionError extends WarmpoolError {
  override readonly name = "ConnectionError"
  readonly code = "ERR_CONNECTION"
  /** How long the server asked to be left alone, ms: `Retry-After`. */
  declare readonly retryAfterMs: number | undefined
}

/** The command was written and no reply came: it may have run. `cause` says what happened to the reply. */
export class OutcomeUnknownError extends WarmpoolError {
  override readonly name = "OutcomeUnknownError"
  readonly code = "ERR_OUTCOME_UNKNOWN"

  constructor(command: string, detail: Omit<ErrorDetail, "fate"> = {}) {
    super(`${command} was sent and no reply came: it may have run. Read back before you repeat it`, {
      ...detail,
      fate: "unknown",
    })
  }
}

/** No reply in time. */
export class TimeoutError extends WarmpoolError {
  override readonly name = "TimeoutError"
  readonly code = "ERR_TIMEOUT"
}

/** No lease became free in time. Nothing was sent. */
export class AcquireTimeoutError extends WarmpoolError {
  override readonly name = "AcquireTimeoutError"
  readonly code = "ERR_ACQUIRE_TIMEOUT"
}

/** The client is draining or closed. Nothing was sent. */
export class PoolClosedError extends WarmpoolError {
  override readonly name = "PoolClosedError"
  readonly code = "ERR_POOL_CLOSED"
}

/** The command can't be sent this way; the message names the way that works. Nothing was sent. */
export class UnsupportedCommandError extends WarmpoolError {
  override readonly name = "UnsupportedCommandError"
  readonly code = "ERR_UNSUPPORTED_COMMAND"
}

/** A command was called with an argument that no server could take. Nothing was sent. */
export class ArgumentError extends WarmpoolError {
  override readonly name = "ArgumentError"
  readonly code = "ERR_ARGUMENT"
}

/** An option is wrong; the message names it and the nearest right one. */
export class ConfigError extends WarmpoolError {
  override readonly name = "ConfigError"
  readonly code = "ERR_CONFIG"
}
