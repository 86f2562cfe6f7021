import { READ_SUBCOMMANDS, STATEFUL_SUBCOMMANDS, UNSENDABLE_SUBCOMMANDS } from "./subcommand-names.ts"
import { BY_SUBCOMMAND, type CommandSpec, READ, STATEFUL, UNSENDABLE } from "./table.ts"
import { hasWord, tokenAt } from "./token.ts"

/** Whether the command may be sent again without harm. `args` start with the name. */
export function isRead(spec: CommandSpec, args: readonly unknown[]): boolean {
  return (spec.flags & READ) !== 0 || hasSubcommand(READ_SUBCOMMANDS, spec, args)
}

/** Whether the command changes its connection or depends on it. `args` start with the name. */
export function isStateful(spec: CommandSpec, args: readonly unknown[]): boolean {
  return (spec.flags & STATEFUL) !== 0 || hasSubcommand(STATEFUL_SUBCOMMANDS, spec, args)
}

/** Whether no lane, not even a lease, can carry the command. `args` start with the name. */
export function isUnsendable(spec: CommandSpec, args: readonly unknown[]): boolean {
  return (spec.flags & UNSENDABLE) !== 0 || hasSubcommand(UNSENDABLE_SUBCOMMANDS, spec, args)
}

function hasSubcommand(
  table: Readonly<Record<string, string>>,
  spec: CommandSpec,
  args: readonly unknown[],
): boolean {
  return (spec.flags & BY_SUBCOMMAND) !== 0 && hasWord(table[spec.name], tokenAt(args, 1))
}
