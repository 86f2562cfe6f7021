import type { Client } from "./client.ts"
import type { Fate } from "./errors.ts"
import { noteFate } from "./fate-of.ts"
import type { How } from "./how.ts"
import type { Lane } from "./lane.ts"
import { type Call, type Collector, Slot } from "./pending.ts"
import { harmless } from "./stray.ts"

/** Where commands go, and on whose terms. */
export interface Parts<C extends Client = Client> {
  readonly client: C
  readonly lane: Lane
  readonly how: How | undefined
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
  { client, lane, how }: Parts,
  calls: readonly (Call | Error)[],
  { toOutcome, extraMs = 0 }: { toOutcome: ToOutcome<T>; extraMs?: number },
): Promise<T[]> {
  if (calls.length === 0) return Promise.resolve([])
  const { promise, collector } = collect(calls.length, toOutcome)
  const terms = client.terms(how, extraMs)
  const slots: Slot[] = []
  calls.forEach((call, index) => {
    if (call instanceof Error) collector.collect(index, call, undefined)
    else slots.push(new Slot(call, terms, { keeper: lane, collector, index }))
  })
  for (const slot of slots) client.enlist(lane, slot, how)
  return promise
}

/** A promise of all outcomes, and what the commands report to. */
function collect<T>(count: number, toOutcome: ToOutcome<T>): { promise: Promise<T[]>; collector: Collector } {
  const outcomes: T[] = new Array(count)
  const { promise, resolve, reject } = Promise.withResolvers<T[]>()
  let left = count
  let mayHaveRun = false
  const collector: Collector = {
    collect(index, error, value) {
      outcomes[index] = toOutcome(error, value)
      left -= 1
      if (left === 0) resolve(outcomes)
    },
    abandon(error: unknown, fate: Fate | undefined) {
      // Where one command ran, or may have, the fate of the whole is unknown.
      mayHaveRun ||= fate === "unknown" || left < count
      noteFate(harmless(promise), error, mayHaveRun ? "unknown" : fate)
      reject(error)
    },
  }
  return { promise, collector }
}
