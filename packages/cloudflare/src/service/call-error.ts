import { ArgumentError, ConfigError, ConnectionError, type Fate, WarmpoolError } from "@warmpool/core"

/** What to add where the pool is not bound. */
export const BIND_POOL =
  'bind the pool: in wrangler.jsonc write "services": [{ "binding": "REDIS", "service": "<the pool Worker>", "entrypoint": "RedisBinding" }] and "compatibility_date": "2024-04-03" or later'

/** What is wrong with a binding that takes none of our calls. */
export const NO_POOL = `env.REDIS is not the pool, or has no RPC: ${BIND_POOL}`

/** What the runtime says of a call, in our words: that it was lost, with `fate`, unless nobody could have taken it. */
export function callError(cause: unknown, fate: Fate = "unknown"): WarmpoolError {
  // Ours, which said it before the call.
  if (cause instanceof WarmpoolError) return cause
  const { message = "it was given up", remote } = Object(cause) as Partial<Error & { remote: boolean }>
  if (message.includes("does not implement the method"))
    return new ConfigError(NO_POOL, { cause, fate: "unsent" })
  // What the pool sends back may be too large as well; by then the commands ran.
  if (message.includes("limited to 32MiB") && !remote) {
    return new ArgumentError(
      "the commands of one call to the pool take more than 32 MiB: send less at once",
      { cause, fate: "unsent" },
    )
  }
  return new ConnectionError(`the call to the pool failed: ${message}`, { cause, fate })
}
