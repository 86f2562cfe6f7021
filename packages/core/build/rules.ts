/** Commands that every lane refuses or that need a connection of one's own; `client` and `script` only in part. */
export const stateful = new Set(
  `select watch unwatch multi exec discard auth hello reset quit monitor sync psync replconf readonly readwrite
   asking wait waitaof subscribe psubscribe ssubscribe unsubscribe punsubscribe sunsubscribe himport`.split(
    /\s+/,
  ),
)

/**
 * Commands after which replies no longer match requests one to one, or the connection ends: no lane can carry
 * them. HELLO may switch to RESP3, the others answer never, more than once, or by closing.
 */
export const unsendable = new Set(
  `hello quit monitor sync psync replconf subscribe psubscribe ssubscribe unsubscribe punsubscribe
   sunsubscribe`.split(/\s+/),
)

/** Replayed without harm although the server does not flag them `readonly`: no key, no change, no session. */
export const harmless = new Set(
  "ping echo time info lastsave role command object xinfo pubsub memory".split(" "),
)

/** Flagged `readonly` by the server and still not to be replayed; none is known. */
export const harmful: ReadonlySet<string> = new Set()

/** Commands that take an object or a Map in place of pairs, as ioredis has it. */
export const pairs = new Set("hset hmset mset msetnx".split(" "))

/** Commands whose reply becomes an object, as ioredis has it. */
export const objectReply = new Set(["hgetall"])

/** Commands whose "keys" are shard channels: they decide the slot, and no key prefix applies. */
export const channels = new Set("spublish ssubscribe sunsubscribe".split(" "))

/** Commands whose first argument is the count of the keys that follow it, as in LMPOP. */
export const countFirst = new Set(
  "lmpop zmpop msetex sdiffcard sintercard sunioncard zdiff zinter zintercard zunion".split(" "),
)

/** Commands whose second argument is the count of the keys that follow it, as in EVAL. */
export const countSecond = new Set(
  `eval eval_ro evalsha evalsha_ro fcall fcall_ro blmpop bzmpop zdiffstore zinterstore zunionstore`.split(
    " ",
  ),
)

/** Missing from @ioredis/commands: Sentinel's own command, and two of Valkey. */
export const missing = {
  sentinel: { flags: [], keyStart: 0, keyStop: 0, step: 0 },
  commandlog: { flags: [], keyStart: 0, keyStop: 0, step: 0, subcommands: {} },
  delifeq: { flags: ["write"], keyStart: 1, keyStop: 1, step: 1 },
}
