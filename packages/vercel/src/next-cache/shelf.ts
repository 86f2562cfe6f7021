import { ConfigError, type PortableRedis, WarmpoolError } from "@warmpool/core"
import { object, readOptions, secret } from "@warmpool/core/config"

/** What a cache for Next takes. */
export interface NextCacheOptions {
  /** The client to use. @defaultValue the one of the environment */
  readonly redis?: PortableRedis | undefined
  /** Put before every key. @defaultValue "next:" */
  readonly prefix?: string | undefined
}

/** Where a cache keeps its entries. */
export interface Shelf {
  readonly redis: PortableRedis
  readonly prefix: string
  /** Told what went wrong where Next is answered as if nothing were cached. */
  readonly warn: (error: unknown) => void
}

const QUIET_MS = 60_000

/** @throws ConfigError naming the option that is wrong. */
export function readShelf(where: string, given: NextCacheOptions, theRedis: PortableRedis): Shelf {
  const spec = { redis: object<PortableRedis>(), prefix: secret() }
  const { redis = theRedis, prefix = "next:" } = readOptions(where, spec, given)
  if (!("getBuffer" in redis))
    throw new ConfigError(`${where}: redis is no client: pass what createRedis gives`)
  let quietUntil = 0
  const warn = (error: unknown): void => {
    if (Date.now() < quietUntil) return
    quietUntil = Date.now() + QUIET_MS
    // What can't be read may show itself in any other error.
    const why = error instanceof WarmpoolError ? error.message : "an entry can't be read or written"
    process.emitWarning(`${where}: Next goes on as if nothing were cached: ${why}`)
  }
  return { redis, prefix, warn }
}
