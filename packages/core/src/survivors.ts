import { ConnectionError } from "./errors.ts"
import type { Sendable } from "./lane.ts"
import { QUEUED, SETTLED } from "./pending.ts"
import { isRedirect, isRefusal, lostError, needsNewConnection } from "./retry.ts"

/** How many redirects a command follows at once; then it waits between two, as after any refusal. */
const REDIRECTS_AT_ONCE = 5

/** Commands taken back from a connection, to be sent again before anything newer. */
export class Survivors {
  #list: Sendable[] = []

  get size(): number {
    return this.#list.length
  }

  /** How often the most unlucky of them was tried. */
  get attempts(): number {
    return this.#list.reduce((most, { attempts }) => Math.max(most, attempts), 0)
  }

  /** Whether a refusal among them says that this is not the server to ask. */
  get wantNewConnection(): boolean {
    return this.#list.some(({ setback }) => setback !== undefined && needsNewConnection(setback))
  }

  /** Whether the server turned any of them away that still waits. */
  get refused(): boolean {
    return this.#list.some(({ stage, setback, attempts }) => {
      if (stage === SETTLED || setback === undefined || !isRefusal(setback)) return false
      return attempts > REDIRECTS_AT_ONCE || !isRedirect(setback)
    })
  }

  /** How long the server asked to be left alone, ms. */
  get retryAfterMs(): number {
    return this.#list.reduce((longest, { setback }) => Math.max(longest, retryAfterOf(setback)), 0)
  }

  /** Forgets what settled while it waited. */
  prune(): void {
    this.#list = this.unsettled
  }

  /** Fails, with their refusal, those that can't wait as long as the server asked. */
  failThoseDueBefore(end: number): void {
    for (const pending of this.unsettled)
      if (pending.deadline <= end && retryAfterOf(pending.setback) > 0) pending.settle(pending.setback)
  }

  keep(pending: Sendable, setback: Error): void {
    pending.stage = QUEUED
    pending.attempts += 1
    pending.onSettled?.(setback)
    pending.onSettled = undefined
    pending.setback = setback
    this.#list.push(pending)
  }

  get unsettled(): Sendable[] {
    return this.#list.filter(({ stage }) => stage !== SETTLED)
  }

  /** Gives them up in the order they were issued. */
  takeAll(): Sendable[] {
    const all = this.unsettled.sort((a, b) => a.sequence - b.sequence)
    this.#list = []
    return all
  }

  /**
   * Fails those refused before a write that was acknowledged since: sent again, they would come behind it. A node that
   * redirects took nothing later of the same slot either.
   */
  failOvertaken(acknowledged: number): void {
    for (const pending of this.unsettled) {
      const { setback } = pending
      if (!setback || !isRefusal(setback) || isRedirect(setback) || acknowledged <= pending.sequence) continue
      pending.settle(pending.exposed && !pending.replayable ? lostError(pending, setback) : setback)
    }
  }
}

function retryAfterOf(setback: Error | undefined): number {
  return setback instanceof ConnectionError ? (setback.retryAfterMs ?? 0) : 0
}
