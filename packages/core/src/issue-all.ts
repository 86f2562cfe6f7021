import type { Client } from "./client.ts"
import { toText } from "./commands/replies.ts"
import { specOf } from "./commands/table.ts"
import { withoutEcho } from "./echo.ts"
import { noteFate } from "./fate-of.ts"
import type { How } from "./how.ts"
import type { Lane } from "./lane.ts"
import { Atomic, type Call, type Collector, Command } from "./pending.ts"
import { harmless, rejected } from "./stray.ts"
import type { Reply } from "./transport.ts"

/** Where commands go, and on whose terms. */
export interface Parts<C extends Client = Client> {
  readonly client: C
  readonly lane: Lane
  readonly how: How | undefined
  /** How much longer the server may take, ms. */
  readonly extraMs?: number
}

/** Gives the parts under a client or a lease to code of this package. */
export const PARTS = Symbol("parts")

/** Gives the client under what users hold, unless it was never used. */
export const MADE = Symbol("made")

/** What one command's end becomes: `reply` counts where `error` is null. */
export type ToOutcome<T> = (error: Error | null, reply: unknown) => T

/**
 * Hands commands to a lane together and gives one promise of what became of each; an error among them is an outcome
 * from the start. The promise rejects only with the reason of an abort.
 */
export function issueAll<T>(
  { client, lane, how, extraMs }: Parts,
  calls: readonly (Call | Error)[],
  toOutcome: ToOutcome<T>,
): Promise<T[]> {
  if (calls.length === 0) return Promise.resolve([])
  const collector = collect(calls.length, toOutcome)
  const terms = client.terms(how, extraMs)
  calls.forEach((call, index) => {
    if (call instanceof Error) collector.collect(index, call, undefined)
    else void client.enlist(lane, new Command(call, terms, lane, { collector, index }), how)
  })
  return collector.promise
}

/** A promise of all outcomes, and what the commands report to. */
function collect<T>(count: number, toOutcome: ToOutcome<T>): Collector & { promise: Promise<T[]> } {
  const outcomes: T[] = new Array(count)
  const { promise, resolve, reject } = Promise.withResolvers<T[]>()
  let left = count
  let mayHaveRun = false
  const collector: Collector & { promise: Promise<T[]> } = {
    promise,
    collect(index, error, value) {
      outcomes[index] = toOutcome(error, value)
      left -= 1
      if (left === 0) resolve(outcomes)
    },
    fail(index, error, fate) {
      if (error instanceof Error && fate === undefined) return collector.collect(index, error, undefined)
      // Where one command ran, or may have, the fate of the whole is unknown.
      mayHaveRun ||= fate === "unknown" || left < count
      noteFate(harmless(promise), error, mayHaveRun ? "unknown" : fate)
      reject(error)
    },
  }
  return collector
}

/** Hands commands to a lane as one transaction. The promise gives null when a watched key had changed. */
export function issueAtomic<T>(
  { client, lane, how }: Parts,
  calls: readonly Call[],
  toOutcome: ToOutcome<T>,
): Promise<T[] | null> {
  const commands = calls.map(({ args }) => args)
  const refusal = client.main.refusalOf?.(commands)
  if (refusal) return rejected(refusal)
  // A transaction is decoded in one way: where one command wants bytes, all come as bytes.
  const whole = calls.find((call) => call.decode !== "text")?.decode ?? "text"
  const outcomeOf = ({ args, decode, transform }: Call, reply: Reply = null): T => {
    if (reply instanceof Error) return toOutcome(withoutEcho(reply, [args]), undefined)
    const value = decode === "text" ? toText(reply) : reply
    return toOutcome(null, transform ? transform(value) : value)
  }
  const transform = (replies: Reply): T[] | null =>
    Array.isArray(replies) ? calls.map((call, index) => outcomeOf(call, replies[index])) : null
  const asked = { spec: specOf("multi"), decode: whole, replayable: false, transform, commands }
  const atomic = new Atomic(asked, client.terms(how), lane)
  return client.enlist(lane, atomic, how) as Promise<T[] | null>
}
