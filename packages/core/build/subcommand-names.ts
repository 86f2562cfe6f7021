/** Subcommands by command, as a list of words. */
type Subcommands = Readonly<Record<string, string>>

/** Subcommands that change nothing, of commands whose others do. */
export const READ_SUBCOMMANDS: Subcommands = {
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

/** Subcommands that change the connection, of commands whose others do not; the last two are Valkey's. */
export const STATEFUL_SUBCOMMANDS: Subcommands = {
  client: "caching no-evict no-touch reply setinfo setname tracking capa import-source",
  script: "debug",
}

/** Those of them after which replies no longer match requests. */
export const UNSENDABLE_SUBCOMMANDS: Subcommands = {
  client: "reply",
  script: "debug",
}
