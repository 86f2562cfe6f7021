import type { Sendable } from "./lane.ts"
import { isRedirect, isRefusal, lostError } from "./retry.ts"

/** How many redirects a command follows at once; then it waits between two, as after any refusal. */
const REDIRECTS_AT_ONCE = 5

/** How often the most unlucky of some commands was tried. */
export function mostAttempts(survivors: readonly Sendable[]): number {
  return survivors.reduce((most, { attempts }) => Math.max(most, attempts), 0)
}

/** Whether the server turned a command away, so that it has to wait. */
export function mustWait({ setback, attempts }: Sendable): boolean {
  if (setback === undefined || !isRefusal(setback)) return false
  return attempts > REDIRECTS_AT_ONCE || !isRedirect(setback)
}

/**
 * Fails those refused before a write that was acknowledged since: sent again, they would come behind it. A node that
 * redirects took nothing later of the same slot either.
 */
export function failOvertaken(survivors: readonly Sendable[], acknowledged: number): void {
  for (const pending of survivors) {
    const { setback } = pending
    if (!setback || !isRefusal(setback) || isRedirect(setback) || acknowledged <= pending.sequence) continue
    pending.settle(pending.exposed && !pending.replayable ? lostError(pending, setback) : setback)
  }
}
