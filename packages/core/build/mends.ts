import type { Overload, Section } from "./declarations.ts"

/** What ioredis leaves `unknown` or gets wrong: the command, its subcommand if any, and the reply of today's servers. */
const REPLIES: readonly (readonly [name: string, subcommand: string, reply: string])[] = [
  ["bzmpop", "", "[key: string, members: [member: string, score: string][]] | null"],
  ["zmpop", "", "[key: string, members: [member: string, score: string][]] | null"],
  ["time", "", "[seconds: string, microseconds: string]"],
  ["bitfield", "", "(number | null)[]"],
  ["bitfield_ro", "", "number[]"],
  ["psetex", "", '"OK"'],
  ["spublish", "", "number"],
  ["substr", "", "string"],
  ["xdelex", "", "number[]"],
  ["xsetid", "", '"OK"'],
  ["georadius_ro", "", "unknown[]"],
  ["georadiusbymember_ro", "", "unknown[]"],
  ["dump", "", "string | null"],
  ["lmove", "", "string | null"],
  ["rpoplpush", "", "string | null"],
  ["geohash", "", "(string | null)[]"],
  ["acl", "CAT", "string[]"],
  ["acl", "GETUSER", "unknown[] | null"],
  ["client", "LIST", "string"],
  ["client", "NO-EVICT", '"OK"'],
  ["client", "NO-TOUCH", '"OK"'],
  ["client", "TRACKING", '"OK"'],
  ["client", "SETINFO", '"OK"'],
  ["client", "TRACKINGINFO", "unknown[]"],
  ["client", "UNBLOCK", "number"],
  ["cluster", "ADDSLOTS", '"OK"'],
  ["cluster", "ADDSLOTSRANGE", '"OK"'],
  ["cluster", "DELSLOTS", '"OK"'],
  ["cluster", "DELSLOTSRANGE", '"OK"'],
  ["cluster", "FLUSHSLOTS", '"OK"'],
  ["cluster", "MYSHARDID", "string"],
  ["cluster", "NODES", "string"],
  ["cluster", "REPLICAS", "string[]"],
  ["cluster", "SHARDS", "unknown[]"],
  ["cluster", "SLAVES", "string[]"],
  ["cluster", "SYNCSLOTS", "unknown"],
  ["command", "COUNT", "number"],
  ["config", "RESETSTAT", '"OK"'],
  ["config", "REWRITE", '"OK"'],
  ["config", "SET", '"OK"'],
  ["object", "ENCODING", "string | null"],
  ["object", "FREQ", "number | null"],
  ["object", "IDLETIME", "number | null"],
  ["object", "REFCOUNT", "number | null"],
  ["pubsub", "CHANNELS", "string[]"],
  ["pubsub", "NUMPAT", "number"],
  ["pubsub", "NUMSUB", "(string | number)[]"],
  ["pubsub", "SHARDCHANNELS", "string[]"],
  ["pubsub", "SHARDNUMSUB", "(string | number)[]"],
  ["script", "EXISTS", "number[]"],
  ["script", "FLUSH", '"OK"'],
  ["script", "KILL", '"OK"'],
  ["script", "LOAD", "string"],
  ["slowlog", "GET", "unknown[]"],
  ["slowlog", "LEN", "number"],
  ["slowlog", "RESET", '"OK"'],
  ["xgroup", "CREATE", '"OK"'],
  ["xgroup", "CREATECONSUMER", "number"],
  ["xgroup", "DELCONSUMER", "number"],
  ["xgroup", "DESTROY", "number"],
  ["xgroup", "SETID", '"OK"'],
]

const IF_OPTIONS = ["IFEQ", "IFNE", "IFDEQ", "IFDNE"]

/** Commands that ioredis can send and does not declare. */
const MISSING = [
  [
    "delex",
    "Removes a key if its value meets a condition. Since 8.4.0.",
    "key: RedisKey, ...args: RedisValue",
    "number",
  ],
  ["digest", "Returns the hash digest of a string. Since 8.4.0.", "key: RedisKey", "string | null"],
  ["sentinel", "Sends a command to a Sentinel.", "subcommand: string, ...args: RedisValue", "unknown"],
  [
    "waitaof",
    "Blocks until the writes of this connection are in the append-only files. Since 7.2.0.",
    "numlocal: number | string, numreplicas: number | string, timeout: number | string",
    "[local: number, replicas: number]",
  ],
  [
    "xackdel",
    "Acknowledges and deletes stream entries. Since 8.2.0.",
    "key: RedisKey, ...args: RedisValue",
    "number[]",
  ],
] as const

/** The declarations with what is known to be wrong put right. */
export function mend(sections: readonly Section[]): Section[] {
  const mended = sections.map(({ doc, overloads }) => ({ doc, overloads: overloads.map(mendOverload) }))
  return [...mended, ...MISSING.map(missingSection)]
}

function mendOverload(overload: Overload): Overload {
  return {
    ...overload,
    reply: mendReply(overload),
    parameters: [...overload.parameters.map(mendParameter(overload)), ...missingParameters(overload)],
  }
}

/** BITFIELD takes any number of operations, and ioredis declares one. */
function missingParameters({ name, parameters }: Overload): Overload["parameters"] {
  if (name !== "bitfield" || parameters.length === 1) return []
  return [{ name: "more", type: "RedisValue", rest: true }]
}

function mendReply({ name, parameters, reply }: Overload): string {
  const has = (option: string) => parameters.some(({ type }) => type === `'${option}'`)
  const rule = REPLIES.find(([command, sub]) => command === name && (sub === "" || has(sub)))
  if (rule) return rule[2]
  // ioredis lumps the shapes together which the arguments decide between.
  if (name === "lcs" && has("IDX")) return "unknown[]"
  if (name === "lcs") return has("LEN") ? "number" : "string"
  if (name === "hrandfield") return parameters.length > 1 ? "string[]" : "string | null"
  // A condition that does not hold answers null.
  if (name === "set" && reply === '"OK"' && IF_OPTIONS.some(has)) return '"OK" | null'
  if (name === "zadd" && reply === "string" && ["GT", "LT"].some(has)) return "string | null"
  if (name !== "sort" && name !== "sort_ro") return reply
  if (has("STORE")) return "number"
  return has("GET") ? "(string | null)[]" : "string[]"
}

/** ZRANGE takes no number as its end in 6.0.0: https://github.com/redis/ioredis/issues/2162 */
function mendParameter({
  name,
}: Overload): (parameter: Overload["parameters"][number]) => Overload["parameters"][number] {
  return (parameter) =>
    name === "zrange" && parameter.name === "stop" ? { ...parameter, type: "RedisValue" } : parameter
}

function missingSection([name, doc, list, reply]: (typeof MISSING)[number]): Section {
  const parameters = list.split(", ").map((part) => {
    const [, dots, parameter = "", type = ""] = /^(\.\.\.)?(\w+): (.*)$/.exec(part) ?? []
    return { name: parameter, type, rest: dots !== undefined }
  })
  return { doc: `/**\n * ${doc}\n */`, overloads: [{ name, generic: "", parameters, reply }] }
}
