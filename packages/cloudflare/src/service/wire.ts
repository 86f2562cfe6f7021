import {
  AcquireTimeoutError,
  type Arg,
  ArgumentError,
  ConfigError,
  ConnectionError,
  type Decode,
  type ErrorDetail,
  type Fate,
  PoolClosedError,
  type Reply,
  ReplyError,
  UnsupportedCommandError,
  WarmpoolError,
} from "@warmpool/core"

/** What was sent in one tick, as one call carries it to the pool. */
export interface WireBatch {
  /** How its replies are wanted, and a command, or the commands of a transaction. */
  readonly sent: readonly (readonly [Decode, readonly Arg[] | readonly (readonly Arg[])[]])[]
  /** How long the most patient caller still waits, ms; `Infinity` where one waits for ever. */
  readonly patienceMs: number
}

/** An error as plain data: what crosses between two Workers keeps neither class nor fate by itself. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly fate?: Fate
  readonly previous?: readonly WireError[]
}

/** A reply, or what the command failed with. */
export type WireReply = string | number | Uint8Array | null | WireError | readonly WireReply[]

/** One outcome for each command, and for each transaction one for all of it; or why there is none. */
export type WireAnswer = readonly WireReply[] | WireError

/** The server's verdict, or ours before anything was sent: asking again would not change it. All others are losses. */
const FINAL: Readonly<Record<string, new (message: string, detail: ErrorDetail) => WarmpoolError>> = {
  ReplyError,
  UnsupportedCommandError,
  ArgumentError,
  ConfigError,
  AcquireTimeoutError,
  PoolClosedError,
}

/** What crosses, without the memory around its bytes: a view is sent with all that lies under it. */
export function compact<T>(value: T): T
export function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact)
  return value instanceof Uint8Array && value.byteLength < value.buffer.byteLength
    ? new Uint8Array(value)
    : value
}

export function packReply(reply: Reply | Error): WireReply {
  if (reply instanceof Error) return packError(reply)
  return Array.isArray(reply) ? reply.map(packReply) : compact(reply as WireReply)
}

/** Undefined for what is none: a pool of another version may answer in another shape. */
export function unpackReply(wire: WireReply): Reply | undefined {
  if (typeof wire === "string" || typeof wire === "number" || wire === null || wire instanceof Uint8Array)
    return wire
  if (Array.isArray(wire)) return wire.map(unpackReply) as Reply
  return isWireError(wire) ? unpackError(wire) : undefined
}

/** No other value that crosses has a name. */
export function isWireError(wire: WireReply): wire is WireError {
  const { name, message } = Object(wire) as Partial<WireError>
  return typeof name === "string" && typeof message === "string"
}

/** Never shows what an error of the platform says about a value. */
export function packError(error: unknown): WireError {
  if (!(error instanceof WarmpoolError)) {
    const name = error instanceof Error ? error.name : typeof error
    return { name, message: `the pool failed with ${name}`, fate: "unknown" }
  }
  const { name, message, fate } = error
  const previous = error instanceof ReplyError ? error.previousErrors?.map(packError) : undefined
  return { name, message, ...(fate && { fate }), ...(previous && { previous }) }
}

export function unpackError({ name, message, fate, previous }: WireError): WarmpoolError {
  const Class = Object.hasOwn(FINAL, name) ? FINAL[name] : undefined
  const reasons = previous && [previous].flat().filter(isWireError).map(unpackError)
  const previousErrors = reasons as readonly ReplyError[] | undefined
  return new (Class ?? ConnectionError)(message, { fate, previousErrors })
}
