import { isBlocking } from "./commands/blocking.ts"
import { BLOCKING, BY_SUBCOMMAND, STATEFUL, specFor, UNSENDABLE } from "./commands/table.ts"
import type { Call } from "./pending.ts"

const SPECIAL = BLOCKING | STATEFUL | UNSENDABLE | BY_SUBCOMMAND

/** Where a command wants to go: `ordinary` ones may share a connection, `unsendable` ones go nowhere. */
export type CallKind = "ordinary" | "blocking" | "stateful" | "unsendable"

/** What a command needs of its connection. */
export function kindOf({ spec, args }: Call): CallKind {
  if ((spec.flags & SPECIAL) === 0) return "ordinary"
  const { flags } = specFor(spec, args)
  if ((flags & UNSENDABLE) !== 0) return "unsendable"
  // WAIT is both: on a lease of its own it would wait for nobody's writes.
  if ((flags & STATEFUL) !== 0) return "stateful"
  return isBlocking(spec, args) ? "blocking" : "ordinary"
}
