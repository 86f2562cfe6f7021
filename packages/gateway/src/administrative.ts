import type { CommandSpec } from "@warmpool/core/commands"

/**
 * Commands for whoever runs the server. Source: the category @admin of Redis' own ACL, and what loads code from files
 * or sends keys elsewhere.
 */
const NAMES = new Set(
  `acl backup bgrewriteaof bgsave config debug failover hotkeys lastsave migrate module pfdebug pfselftest replicaof
  restore-asking role save sentinel shutdown slaveof slowlog commandlog trimslots swapdb himport`.split(
    /\s+/,
  ),
)

/** Of commands that are not all administrative, the subcommands that are harmless. */
const HARMLESS: Readonly<Record<string, string>> = {
  client: "id getname info help",
  cluster: "keyslot countkeysinslot myid info nodes shards slots links help",
  latency: "help",
}

/** Whether only whoever runs the server should use it. `subcommand` is the first argument, in lower case. */
export function isAdministrative({ name }: CommandSpec, subcommand: string): boolean {
  const harmless = HARMLESS[name]
  if (harmless === undefined) return NAMES.has(name)
  return !harmless.split(" ").includes(subcommand)
}
