import { type Pending, SENT, SETTLED } from "./pending.ts"
import { isRefusal } from "./retry.ts"

const groups = new WeakMap<AbortSignal, Set<Pending>>()

/** Fails a command with the signal's reason once it aborts: one listener per signal, however many commands. */
export function failOnAbort(pending: Pending, signal: AbortSignal): void {
  if (signal.aborted) giveUp(pending, signal)
  if (pending.stage === SETTLED) return
  const own = groups.get(signal) ?? listenTo(signal)
  own.add(pending)
  pending.group = pending.group === undefined ? own : both(own, pending.group)
}

type Group = NonNullable<Pending["group"]>

/** A command may have a signal of its own beside its invocation's. */
function both(one: Group, other: Group): Group {
  return {
    delete(pending) {
      const known = one.delete(pending)
      return other.delete(pending) || known
    },
  }
}

function listenTo(signal: AbortSignal): Set<Pending> {
  const group = new Set<Pending>()
  groups.set(signal, group)
  const onAbort = (): void => {
    for (const pending of group) giveUp(pending, signal)
  }
  signal.addEventListener("abort", onAbort, { once: true })
  return group
}

/** Nothing happens to what has settled. */
function giveUp(pending: Pending, signal: AbortSignal): void {
  const { stage, exposed, setback } = pending
  const unsent = isRefusal(setback) ? "refused" : "unsent"
  pending.settle(signal.reason, stage === SENT || exposed ? "unknown" : unsent)
}
