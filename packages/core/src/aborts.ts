import { type Pending, SENT, SETTLED } from "./pending.ts"
import { isRefusal } from "./retry.ts"

const groups = new WeakMap<AbortSignal, AbortGroup>()

/** Fails a command with the reason of a signal of its own, or of its invocation, once that aborts. */
export function failOnAbort(pending: Pending, signal: AbortSignal): void {
  if (pending.stage === SETTLED) return
  if (signal.aborted) {
    giveUp(pending, signal)
    return
  }
  const group = groups.get(signal) ?? new AbortGroup(signal)
  groups.set(signal, group)
  group.add(pending)
}

/**
 * The commands of one signal that have not settled: one listener for all of them, and none once they have. What
 * `AbortSignal.any` makes lives as long as somebody listens to it, for ever if one of its sources never aborts.
 */
export class AbortGroup {
  readonly #signal: AbortSignal
  readonly #members = new Set<Pending>()
  readonly #onAbort = (): void => {
    for (const pending of [...this.#members]) giveUp(pending, this.#signal)
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(pending: Pending): void {
    if (this.#members.size === 0) this.#signal.addEventListener("abort", this.#onAbort)
    this.#members.add(pending)
    pending.groups = [...(pending.groups ?? []), this]
  }

  /** Forgets one that has settled. */
  leave(pending: Pending): void {
    this.#members.delete(pending)
    if (this.#members.size === 0) this.#signal.removeEventListener("abort", this.#onAbort)
  }
}

function giveUp(pending: Pending, signal: AbortSignal): void {
  const { stage, exposed, setback } = pending
  const unsent = isRefusal(setback) ? "refused" : "unsent"
  pending.settle(signal.reason, stage === SENT || exposed ? "unknown" : unsent)
}
