import { ArgumentError, ConfigError, ConnectionError, WarmpoolError } from "@warmpool/core"

/** The lines of wrangler.jsonc that bind the pool. */
export const BIND_POOL =
  '"services": [{ "binding": "REDIS", "service": "<the pool Worker>", "entrypoint": "RedisBinding" }]'

/** What the runtime says of a call, in our words: that it was lost, unless nobody could have taken it. */
export function callError(what: string, cause: unknown): WarmpoolError {
  // Ours, which said it before the call.
  if (cause instanceof WarmpoolError) return cause
  const why = cause instanceof Error ? cause.message : "it was given up"
  if (why.includes("does not implement the method")) {
    return new ConfigError(
      `env.REDIS is bound to something else than the pool: in wrangler.jsonc write ${BIND_POOL}`,
      {
        cause,
        fate: "unsent",
      },
    )
  }
  // What the pool sends back may be too large as well; by then the commands ran.
  if (why.includes("limited to 32MiB") && !isRemote(cause)) {
    return new ArgumentError(
      "the commands of one call to the pool take more than 32 MiB: send less at once",
      {
        cause,
        fate: "unsent",
      },
    )
  }
  return new ConnectionError(`${what}: ${why}`, { cause })
}

function isRemote(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, "remote") === true
}
