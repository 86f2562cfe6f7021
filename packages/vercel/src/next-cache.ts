import { DataCache } from "./next-cache/data-cache.ts"
import { type NextCacheOptions, readShelf } from "./next-cache/shelf.ts"
import { redis } from "./node.ts"

export type { DataCache, NextCacheOptions }

/**
 * Makes a handler of Next's data cache: pages, routes and fetches on a server, for all instances. It is to be the default
 * export of the file that `cacheHandler` of next.config names; this very module will do where the defaults will.
 *
 * @throws ConfigError naming the option that is wrong.
 */
export function nextCache(options: NextCacheOptions = {}): new (context?: object) => DataCache {
  const shelf = readShelf("nextCache", options, redis)
  return class WarmpoolCache extends DataCache {
    constructor(context?: object) {
      super(shelf, context)
    }
  }
}

/** The handler with its defaults, as Next loads it. */
// biome-ignore lint/style/noDefaultExport: Next takes nothing else.
export default nextCache()
