import { pack, unpack } from "./pack.ts"
import type { Shelf } from "./shelf.ts"
import { type Durations, KEPT_S, Tags } from "./tags.ts"

/** What a function with "use cache" gave. Durations are in seconds, `timestamp` is wall clock, ms. */
interface CacheEntry {
  readonly value: ReadableStream<Uint8Array>
  readonly tags: readonly string[]
  readonly stale: number
  readonly timestamp: number
  readonly expire: number
  readonly revalidate: number
}

type Stored = Omit<CacheEntry, "value"> & { readonly value: Uint8Array }

/** The cache of "use cache" on a server, shared by all instances. Source: `CacheHandler` in Next 16's cache-handlers. */
export class UseCache {
  readonly #options: Shelf
  readonly #tags: Tags
  /** Entries that are still being made: who asks meanwhile waits for them. */
  readonly #pending = new Map<string, Promise<void>>()

  constructor(options: Shelf) {
    this.#options = options
    this.#tags = new Tags(options.redis, options.prefix)
  }

  /** Undefined when there is none, when a tag of it has expired, and when the server can't be asked. */
  readonly get = async (key: string, softTags: readonly string[]): Promise<CacheEntry | undefined> => {
    await this.#pending.get(key)
    try {
      const packed = await this.#options.redis.getBuffer(this.#nameOf(key))
      if (packed === null) return undefined
      const { value, ...about } = unpack(packed) as Stored
      const verdict = await this.#tags.judge([...about.tags, ...softTags], about.timestamp)
      if (verdict === "expired") return undefined
      const entry = { ...about, value: new Blob([new Uint8Array(value)]).stream() }
      return verdict === "stale" ? { ...entry, revalidate: -1 } : entry
    } catch (error) {
      this.#options.warn(error)
      return undefined
    }
  }

  /** Keeps an entry once its stream has ended; one that fails is not kept. Never rejects. */
  readonly set = async (key: string, pendingEntry: Promise<CacheEntry>): Promise<void> => {
    const stored = this.#store(key, pendingEntry).catch((error) => this.#options.warn(error))
    this.#pending.set(key, stored)
    await stored
    if (this.#pending.get(key) === stored) this.#pending.delete(key)
  }

  /** Tags are asked for with every entry. */
  readonly refreshTags = async (): Promise<void> => {}

  /** Soft tags are to be passed to `get`. */
  readonly getExpiration = async (): Promise<number> => Number.POSITIVE_INFINITY

  readonly updateTags = (tags: readonly string[], durations?: Durations): Promise<void> =>
    this.#tags.revalidate(tags, durations)

  async #store(key: string, pendingEntry: Promise<CacheEntry>): Promise<void> {
    const { value, ...about } = await pendingEntry
    const bytes = new Uint8Array(await new Response(value).arrayBuffer())
    const keptS = Math.min(KEPT_S, Math.ceil(about.expire))
    // Next makes it anew for every request.
    if (keptS <= 0) return
    await this.#options.redis.set(this.#nameOf(key), pack({ ...about, value: bytes }), "EX", keptS)
  }

  #nameOf(key: string): string {
    return `${this.#options.prefix}use:${key}`
  }
}
