import { type NextCacheOptions, readShelf } from "./next-cache/shelf.ts"
import { UseCache } from "./next-cache/use-cache.ts"
import { redis } from "./node.ts"

export type { NextCacheOptions, UseCache }

/**
 * Makes a handler for functions with "use cache": their results on a server, for all instances. It is to be the default
 * export of a file that `cacheHandlers` of next.config names; this very module will do where the defaults will.
 *
 * @throws ConfigError naming the option that is wrong.
 */
export function nextUseCache(options: NextCacheOptions = {}): UseCache {
  return new UseCache(readShelf("nextUseCache", options, redis))
}

/** The handler with its defaults, as Next loads it. */
// biome-ignore lint/style/noDefaultExport: Next takes nothing else.
export default nextUseCache()
