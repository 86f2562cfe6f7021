import type { Arg } from "../transport.ts"
import { BY_SUBCOMMAND, type CommandSpec, READ, STATEFUL, specFor, UNSENDABLE } from "./table.ts"
import { tokenAt } from "./token.ts"
import { hasWord } from "./words.ts"

/** Subcommands that change nothing, of commands whose others do. No client needs them: it sends none of them twice. */
const READ_SUBCOMMANDS: Readonly<Record<string, string>> = {
  acl: "cat dryrun getuser help list users whoami",
  bless: "get scan",
  client: "getname getredir help id info list trackinginfo",
  cluster:
    "count-failure-reports countkeysinslot getkeysinslot help info keyslot links myid myshardid nodes replicas shards slaves slot-stats slots",
  commandlog: "get help len",
  config: "get help",
  function: "dump help list stats",
  hotkeys: "get help",
  latency: "doctor graph help histogram history latest",
  module: "help list",
  script: "exists help",
  slowlog: "get help len",
  xgroup: "help",
}

/** Whether the command changes nothing. `args` start with the name. */
export function isRead(spec: CommandSpec, args: readonly Arg[]): boolean {
  if ((spec.flags & READ) !== 0) return true
  return (spec.flags & BY_SUBCOMMAND) !== 0 && hasWord(READ_SUBCOMMANDS[spec.name], tokenAt(args, 1))
}

/** Whether the command changes its connection or depends on it. `args` start with the name. */
export function isStateful(spec: CommandSpec, args: readonly Arg[]): boolean {
  return (specFor(spec, args).flags & STATEFUL) !== 0
}

/** Whether no lane, not even a lease, can carry the command. `args` start with the name. */
export function isUnsendable(spec: CommandSpec, args: readonly Arg[]): boolean {
  return (specFor(spec, args).flags & UNSENDABLE) !== 0
}
