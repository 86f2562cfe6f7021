import { type Pending, SENT } from "./pending.ts"

const groups = new WeakMap<AbortSignal, Set<Pending>>()

/** Fails a command with the signal's reason once it aborts: one listener per signal, however many commands. */
export function failOnAbort(pending: Pending, signal: AbortSignal): void {
  if (signal.aborted) {
    giveUp(pending, signal)
    return
  }
  const group = groups.get(signal) ?? listenTo(signal)
  group.add(pending)
  pending.group = group
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
  pending.settle(signal.reason, pending.stage === SENT || pending.exposed ? "unknown" : "unsent")
}
