import type { CommandSpec } from "./table.ts"
import { tokenAt } from "./token.ts"

/** Options of SET that say when the key expires; every other one makes the outcome depend on the old value. */
const EXPIRIES: ReadonlySet<string> = new Set(["ex", "px", "exat", "pxat"])

/**
 * Whether the command is one that `retryWrites: "overwrites"` may send again: MSET, HMSET, and SET with nothing
 * but an expiry. `args` start with the name.
 */
export function isOverwrite(spec: CommandSpec, args: readonly unknown[]): boolean {
  if (spec.name === "mset" || spec.name === "hmset") return true
  if (spec.name !== "set" || args.length < 3) return false
  return args.length === 3 || (args.length === 5 && EXPIRIES.has(tokenAt(args, 3)))
}
