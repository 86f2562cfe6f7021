import { type RedisOptions, redisOptionSpec } from "@warmpool/core"
import { integer } from "@warmpool/core/config"

/** What a client takes that keeps connections, or leases in the pool, for an invocation. */
export type FullOptions = Omit<RedisOptions, "transport" | "host">

const { host: _host, ...spec } = redisOptionSpec

/** A Worker opens six connections at once; one is for a replacement that takes over. */
const MOST_CONNECTIONS = 5

/** These, and `transport`. */
export const fullSpec = { ...spec, max: integer(1, MOST_CONNECTIONS, MOST_CONNECTIONS) }
