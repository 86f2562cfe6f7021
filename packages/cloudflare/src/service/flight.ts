import {
  AcquireTimeoutError,
  ArgumentError,
  ConfigError,
  type Owed,
  type Reply,
  type Request,
  type Transaction,
} from "@warmpool/core"
import { callError } from "./call-error.ts"
import {
  compact,
  isFinal,
  isWireError,
  unpackError,
  unpackReply,
  type WireAnswer,
  type WireBatch,
  type WireReply,
} from "./wire.ts"

export type Owing = Request | Transaction

/** The requests that one call carries: any number of commands, or one transaction. */
export type Flight = readonly Request[] | readonly [Transaction]

/** Of a caller's patience the pool gets so much: it knows what became of a command, which a call given up does not tell. */
const POOL_SHARE = 0.9

/** Splits a batch where a transaction begins or ends; in most there is none. */
export function flightsOf(batch: readonly Owing[]): readonly Flight[] {
  const flights: Flight[] = []
  let requests: Request[] = []
  for (const owing of batch) {
    if (!("commands" in owing)) {
      requests.push(owing)
      continue
    }
    if (requests.length > 0) flights.push(requests)
    flights.push([owing])
    requests = []
  }
  if (requests.length > 0) flights.push(requests)
  return flights
}

export function wireBatch(flight: Flight, now: number): WireBatch {
  const timeoutMs = patienceMs(flight, now)
  const limits = timeoutMs === undefined ? {} : { timeoutMs }
  const [first] = flight
  if (first !== undefined && "commands" in first) {
    return { commands: first.commands.map(compactAll), decode: first.decode, atomic: true, ...limits }
  }
  const requests = flight as readonly Request[]
  const decodes = requests.map(({ decode }) => decode)
  const decode = decodes.every((one) => one === decodes[0]) ? (decodes[0] ?? "text") : decodes
  return { commands: requests.map(({ args }) => compactAll(args)), decode, ...limits }
}

/** Hands each request its outcome. */
export function deliver(flight: Flight, answer: WireAnswer): void {
  if (isWireError(answer)) {
    for (const owed of flight) settle(owed as Owed<Reply>, answer)
    return
  }
  const [first] = flight
  if (first !== undefined && "commands" in first) {
    first.resolve(answer === null ? null : answer.map(unpackReply))
    return
  }
  for (const [index, request] of (flight as readonly Request[]).entries())
    settle(request, outcomeAt(answer, index))
}

/** Fails requests whose call failed; gives the loss, if it was one. */
export function fail(flight: Flight, error: unknown): Error | undefined {
  const failure = callError("the call to the pool failed", error)
  if (isMistake(failure)) {
    for (const owed of flight) owed.reject(failure)
    return undefined
  }
  const fate = failure.fate === "unsent" ? "unsent" : "unknown"
  for (const owed of flight) owed.lose(fate, failure)
  return failure
}

/** The pool, or the call itself, said no; trying again would not help. */
function isMistake(error: Error): boolean {
  return (
    error instanceof ConfigError || error instanceof ArgumentError || error instanceof AcquireTimeoutError
  )
}

const LOST: WireReply = {
  name: "ConnectionError",
  message: "the pool answered something else",
  fate: "unknown",
}

function outcomeAt(answer: readonly WireReply[] | null, index: number): WireReply {
  const outcome = answer?.[index]
  return outcome === undefined ? LOST : outcome
}

function settle(owed: Owed<Reply>, outcome: WireReply): void {
  if (!isWireError(outcome)) {
    owed.resolve(unpackReply(outcome))
    return
  }
  const error = unpackError(outcome)
  if (isFinal(outcome.name)) owed.reject(error)
  else owed.lose(outcome.fate === "unknown" ? "unknown" : "unsent", error)
}

/** How long the most patient caller still waits; requests of the client know it. */
function patienceMs(flight: Flight, now: number): number | undefined {
  let latest = Number.NEGATIVE_INFINITY
  for (const owed of flight) {
    const { deadline } = owed as { readonly deadline?: number }
    if (deadline === undefined) return undefined
    latest = Math.max(latest, deadline)
  }
  // A command that blocks for ever has no deadline.
  return Number.isFinite(latest) ? Math.max(1, Math.floor((latest - now) * POOL_SHARE)) : undefined
}

function compactAll(args: readonly (string | Uint8Array)[]): readonly (string | Uint8Array)[] {
  return args.some((arg) => typeof arg !== "string")
    ? args.map((arg) => (typeof arg === "string" ? arg : compact(arg)))
    : args
}
