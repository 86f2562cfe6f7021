import type { CommandSpec } from "./table.ts"
import { hasWord } from "./words.ts"

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

/** What to do in place of a stateful command, for an error's message. */
export function alternativeTo(spec: CommandSpec): string {
  return ALTERNATIVES.find(([names]) => hasWord(names, spec.name))?.[1] ?? LEASE
}
