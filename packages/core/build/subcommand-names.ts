/** Subcommands by command, as a list of words. */
type Subcommands = Readonly<Record<string, string>>

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
