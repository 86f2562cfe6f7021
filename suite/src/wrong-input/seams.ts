/**
 * Functions that no input of users reaches. They are called by adapters with what was checked before, take the place of
 * a server in tests, or answer for every value there is.
 */
export const SEAMS: ReadonlySet<string> = new Set([
  // What option specs are made of: constants of a module.
  ...["either", "flag", "fn", "integer", "object", "oneOf", "secret", "text"].map(inConfig),
  // Questions that any value has an answer to.
  ...["isClusterUrl", "isPlainObject", "kindOf", "nearest"].map(inConfig),
  // What transports and servers are made of, on the way of every command.
  ...["Encoder", "Parser", "RespConnection", "encodedLength", "protocolError"].map(
    (name) => `core/resp/index ${name}`,
  ),
  ...["ClusterLane", "redirectOf", "slotOf"].map((name) => `core/cluster/index ${name}`),
  ...["isBlocking", "isRead", "isStateful", "isUnsendable", "keyPatternPositions", "keyPositions"].map(
    inCommands,
  ),
  ...["makeMethods", "specOf"].map(inCommands),
  ...["ExchangeLane", "Lane", "backoffMs", "mayReplay", "watchBatch"].map((name) => `core/exchange ${name}`),
  // What platforms make an invocation and a shutdown of.
  "core/shutdown closeOnSigterm",
  ...["HoldingScope", "InvocationScope"].map((name) => `core/invocation-scope ${name}`),
  "core/raw-lane UpstashScripts",
  // A server, a loop and a contract for tests of transports.
  ...[
    "FakeHost",
    "FakeTransport",
    "Receipt",
    "RequestReceipt",
    "TransactionReceipt",
    "describeTransport",
  ].map((name) => `core/testing/index ${name}`),
  // Made by Next, with what Next gives; it has no options of ours.
  "vercel/next-cache default",
  // Made by workerd, with its own context: what their bindings may hold is in `suite/src/cloudflare/misconfigured.test.ts`.
  "cloudflare/pool RedisBinding",
  "cloudflare/pool RedisPool",
])

function inConfig(name: string): string {
  return `core/config/index ${name}`
}

function inCommands(name: string): string {
  return `core/commands/index ${name}`
}
