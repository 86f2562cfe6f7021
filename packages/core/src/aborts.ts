import type { Fate } from "./errors.ts"
import { type Pending, SENT, SETTLED } from "./pending.ts"
import { isRefusal } from "./retry.ts"

const groups = new WeakMap<AbortSignal, Set<Pending>>()

/** Fails a command with the signal's reason once it aborts: one listener per signal, however many commands. */
export function failOnAbort(pending: Pending, signal: AbortSignal): void {
  if (pending.stage === SETTLED) return
  if (signal.aborted) {
    giveUp(pending, signal)
    return
  }
  const group = groups.get(signal) ?? listenTo(signal)
  group.add(pending)
  pending.group = pending.group === undefined ? group : both(pending.group, group)
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
    for (const pending of [...group]) giveUp(pending, signal)
  }
  signal.addEventListener("abort", onAbort, { once: true })
  return group
}

function giveUp(pending: Pending, signal: AbortSignal): void {
  pending.settle(signal.reason, fateNow(pending))
}

function fateNow({ stage, exposed, setback }: Pending): Fate {
  if (stage === SENT || exposed) return "unknown"
  return setback !== undefined && isRefusal(setback) ? "refused" : "unsent"
}
