import { ConfigError, type RedisOptions, redisOptionSpec } from "@warmpool/core"
import { integer, isPlainObject, oneOf, readEndpoint, readOptions, text } from "@warmpool/core/config"

/** Options of core's that make no sense in the pool: each client has its own. */
type OfClients = "transport" | "host" | "keyPrefix" | "reserveMs" | "retryWrites"

/** Limits of the pool, and where it lives. Every duration is in milliseconds. */
export interface PoolOptions extends Omit<RedisOptions, OfClients> {
  /** Durable Objects that share the load; each has `max` connections of its own. @defaultValue 1 */
  readonly shards?: number | undefined
  /** Near which region the objects are created; best is near the server. @defaultValue near their first caller */
  readonly locationHint?: (typeof REGIONS)[number] | undefined
  /** The name connections show in `CLIENT LIST`. */
  readonly name?: string | undefined
}

/** What the pool Worker has in its `env`. */
export interface PoolEnv {
  /** The namespace of `RedisPool`. */
  readonly REDIS_POOL: DurableObjectNamespace
  /** The secret that says where the server is. */
  readonly REDIS_URL: string
  /** An object among the `vars` of wrangler.jsonc, or the same as JSON. */
  readonly REDIS_POOL_OPTIONS?: PoolOptions | string
}

/** Source: Cloudflare's documentation of Durable Objects, "Provide a location hint". */
const REGIONS = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
] as const

/** A Worker opens six connections at once; one is for a replacement that takes over. */
const MOST_CONNECTIONS = 5

const {
  transport: _transport,
  host: _host,
  keyPrefix: _prefix,
  reserveMs: _reserve,
  retryWrites: _writes,
  ...limits
} = redisOptionSpec

const spec = {
  ...limits,
  max: integer(1, MOST_CONNECTIONS, MOST_CONNECTIONS),
  shards: integer(1, 1_000, 1),
  locationHint: oneOf(REGIONS),
  name: text(),
}

/** Where the server is, for the transport, and limits for the client. */
export interface PoolSettings {
  readonly shards: number
  readonly locationHint: PoolOptions["locationHint"]
  readonly endpoint: { readonly url: string; readonly name?: string }
  readonly limits: Omit<RedisOptions, "transport">
}

/**
 * Reads the bindings of the pool Worker.
 *
 * @throws ConfigError naming what is missing, with the line or the command that adds it; never showing the URL.
 */
export function readPoolEnv(env: Partial<PoolEnv>): PoolSettings {
  const { REDIS_POOL: namespace, REDIS_URL: url } = env
  if (typeof namespace?.idFromName !== "function") {
    throw new ConfigError(
      'the pool Worker has no REDIS_POOL: in its wrangler.jsonc write "durable_objects": { "bindings": [{ "name": "REDIS_POOL", "class_name": "RedisPool" }] } and "migrations": [{ "tag": "v1", "new_sqlite_classes": ["RedisPool"] }], and export RedisPool from its main module',
    )
  }
  if (typeof url !== "string" || url === "") {
    throw new ConfigError(
      'the pool Worker has no REDIS_URL: run "npx wrangler secret put REDIS_URL" where its wrangler.jsonc is, and write "secrets": { "required": ["REDIS_URL"] } there',
    )
  }
  readEndpoint("REDIS_URL of the pool Worker", { url })
  const { shards, locationHint, name, ...rest } = readOptions(
    "REDIS_POOL_OPTIONS",
    spec,
    parsed(env.REDIS_POOL_OPTIONS),
  )
  return { shards, locationHint, endpoint: { url, ...(name !== undefined && { name }) }, limits: rest }
}

function parsed(options: unknown): unknown {
  if (typeof options !== "string") return options
  try {
    const value: unknown = JSON.parse(options)
    if (isPlainObject(value)) return value
  } catch {
    // What it says of a text it can't read shows a part of it.
  }
  throw new ConfigError(
    "REDIS_POOL_OPTIONS is a string that is no JSON object: write an object among the vars",
  )
}
