import {
  AcquireTimeoutError,
  type Arg,
  ArgumentError,
  ConfigError,
  ConnectionError,
  type Decode,
  type Fate,
  PoolClosedError,
  type Reply,
  ReplyError,
  UnsupportedCommandError,
  WarmpoolError,
} from "@warmpool/core"

/** Commands of one tick, as one call carries them to the pool. */
export interface WireBatch {
  readonly commands: readonly (readonly Arg[])[]
  /** How the replies are wanted: one for all, or one for each. */
  readonly decode: Decode | readonly Decode[]
  /** Whether they run as one `MULTI … EXEC`. */
  readonly atomic?: boolean
  /** Longest wait of the pool for the replies, ms; its own limit where this is missing. */
  readonly timeoutMs?: number
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

/** One outcome for each command; null for a transaction whose watched key had changed; or why there is none. */
export type WireAnswer = readonly WireReply[] | null | WireError

/** The server's verdict, or ours before anything was sent: asking again would not change it. */
const FINAL = {
  ReplyError,
  UnsupportedCommandError,
  ArgumentError,
  ConfigError,
  AcquireTimeoutError,
  PoolClosedError,
} as const

/** An argument or reply without the memory around it: a view is sent with all that lies under it. */
export function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}

export function packReply(reply: Reply | Error): WireReply {
  if (typeof reply !== "object" || reply === null) return reply
  if (reply instanceof Uint8Array) return compact(reply)
  return reply instanceof Error ? packError(reply) : reply.map(packReply)
}

export function unpackReply(wire: WireReply): Reply {
  if (typeof wire !== "object" || wire === null || wire instanceof Uint8Array) return wire
  return isWireError(wire) ? unpackError(wire) : wire.map(unpackReply)
}

/** @returns false for the replies of a batch or an array reply. */
export function isWireError(wire: WireAnswer | WireReply): wire is WireError {
  return typeof wire === "object" && wire !== null && !(wire instanceof Uint8Array) && !Array.isArray(wire)
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
  const previousErrors = previous?.map(unpackError).filter((error) => error instanceof ReplyError)
  const detail = { ...(fate && { fate }), ...(previousErrors && { previousErrors }) }
  return isFinal(name) ? new FINAL[name](message, detail) : new ConnectionError(message, detail)
}

/** Whether an error of this name is an answer, and no loss. */
export function isFinal(name: string): name is keyof typeof FINAL {
  return Object.hasOwn(FINAL, name)
}
