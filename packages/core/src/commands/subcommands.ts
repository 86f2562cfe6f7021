import { READ_SUBCOMMANDS, STATEFUL_SUBCOMMANDS, UNSENDABLE_SUBCOMMANDS } from "./subcommand-names.ts"
import { BY_SUBCOMMAND, type CommandSpec, READ, STATEFUL, UNSENDABLE } from "./table.ts"
import { hasWord, tokenAt } from "./token.ts"

const LEASE = "use redis.acquire() or redis.use(fn)"

/** What to do in place of commands that are refused. */
const ALTERNATIVES: readonly (readonly [names: string, alternative: string])[] = [
  ["multi exec discard", "use redis.multi()"],
  ["subscribe", "use redis.subscribe(channels)"],
  ["psubscribe", "use redis.psubscribe(patterns)"],
  ["ssubscribe", "use redis.ssubscribe(channels)"],
  ["unsubscribe", "end what redis.subscribe(channels) gave"],
  ["punsubscribe", "end what redis.psubscribe(patterns) gave"],
  ["sunsubscribe", "end what redis.ssubscribe(channels) gave"],
  ["quit", "use redis.close()"],
  ["auth hello", "put the user and the password in the URL"],
  ["select", `put the database in the URL, or ${LEASE}`],
  ["monitor", "use redis-cli monitor"],
  ["sync psync replconf", "use redis-cli --replica"],
  ["script", "use redis-cli --ldb"],
]

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

/** What to do in place of a stateful command, for an error's message. */
export function alternativeTo(spec: CommandSpec): string {
  return ALTERNATIVES.find(([names]) => hasWord(names, spec.name))?.[1] ?? LEASE
}

function hasSubcommand(
  table: Readonly<Record<string, string>>,
  spec: CommandSpec,
  args: readonly unknown[],
): boolean {
  return (spec.flags & BY_SUBCOMMAND) !== 0 && hasWord(table[spec.name], tokenAt(args, 1))
}
