import { randomBytes, randomUUID } from "node:crypto"

/** One event to be handled, as the Invoke API took it. */
export interface Invocation {
  readonly id: string
  readonly payload: Buffer
  readonly arn: string
  readonly traceId: string
  /** Decoded JSON of the caller's client context. */
  readonly clientContext?: string
  /** Takes the response while it is written; the promise holds the sandbox back. */
  readonly onChunk?: (chunk: Buffer) => Promise<void> | undefined
}

/** What of an invocation the caller decides. */
export type InvocationInput = Pick<Invocation, "payload" | "arn"> &
  Partial<Pick<Invocation, "traceId" | "clientContext" | "onChunk">>

/** An invocation with an id and a trace of its own. */
export function createInvocation(input: InvocationInput): Invocation {
  return { id: randomUUID(), traceId: newTraceId(), ...input }
}

function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")};Parent=${randomBytes(8).toString("hex")};Sampled=0`
}
