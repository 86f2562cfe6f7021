import { type CommandSpec, READ, STATEFUL, specFor, UNSENDABLE } from "./table.ts"

/** Whether the command may be sent again without harm. `args` start with the name. */
export function isRead(spec: CommandSpec, args: readonly unknown[]): boolean {
  return (specFor(spec, args).flags & READ) !== 0
}

/** Whether the command changes its connection or depends on it. `args` start with the name. */
export function isStateful(spec: CommandSpec, args: readonly unknown[]): boolean {
  return (specFor(spec, args).flags & STATEFUL) !== 0
}

/** Whether no lane, not even a lease, can carry the command. `args` start with the name. */
export function isUnsendable(spec: CommandSpec, args: readonly unknown[]): boolean {
  return (specFor(spec, args).flags & UNSENDABLE) !== 0
}
