import { ArgumentError, ConfigError, type PortableRedis } from "@warmpool/core"

/** The client that `CachePersistenceLayer` of `@aws-lambda-powertools/idempotency/cache` takes. */
export interface CacheClient {
  get(name: string): Promise<string | null>
  set(name: string | Uint8Array, value: unknown, options?: unknown): Promise<string | null>
  del(keys: string[]): Promise<number>
}

/**
 * Gives a client the face of node-redis, as far as Powertools needs it: SET with its options in an object, DEL with an
 * array. Deadlines, retries and errors stay those of the client; a SET of an idempotency record never runs twice.
 *
 * @throws ConfigError if `redis` is not a client.
 */
export function asCacheClient(redis: PortableRedis): CacheClient {
  if (typeof redis !== "object" || redis === null || !("settled" in redis)) {
    throw new ConfigError("asCacheClient: it takes the client: asCacheClient(createRedis())")
  }
  return {
    get: (name) => redis.get(name),
    set: async (name, value, options) => redis.set(name, textOf(value), ...setArguments(options)),
    del: (keys) => redis.del(keys),
  }
}

function textOf(value: unknown): string | Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return value
  throw new ArgumentError("set: the value is neither a string nor bytes: serialise it first")
}

/** `{ EX: 60, NX: true }` as SET takes it. */
function setArguments(options: unknown): [] {
  const args: (string | number)[] = []
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue
    if (name === "EX" && typeof value === "number") args.push("EX", value)
    else if (name === "NX" && value === true) args.push("NX")
    else
      throw new ArgumentError(
        `set: ${name} has no place here: it takes EX, a number of seconds, and NX, true`,
      )
  }
  // The client's overloads of SET fix the order of its options; the server does not.
  return args as []
}
