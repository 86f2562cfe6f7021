import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { ConfigError } from "@warmpool/core"
import { pack, unpack } from "./pack.ts"
import type { Shelf } from "./shelf.ts"
import { type Durations, KEPT_S, Tags } from "./tags.ts"

/** Next's header of a page or route that lists its tags. */
const TAGS_HEADER = "x-next-cache-tags"
/** Older than any lifetime that Next knows, ms: what is as old is stale, and still served. */
const AGES_MS = 2 ** 33 * 1_000

/** How long an entry lives, seconds, as Next says it. */
interface Lifetime {
  readonly revalidate: number | false
  readonly expire?: number | undefined
}

/** A page, a route, a redirect or a fetch, by its `kind`; what it holds is Next's. */
interface CacheValue {
  readonly kind: string
  readonly headers?: Readonly<Record<string, unknown>> | undefined
}

interface GetContext {
  readonly kind?: string
  readonly tags?: readonly string[]
  readonly softTags?: readonly string[]
}

interface SetContext {
  readonly fetchCache?: boolean
  readonly tags?: readonly string[]
  readonly cacheControl?: Lifetime
}

interface Entry {
  readonly value: CacheValue | null
  readonly lastModified: number
  readonly cacheControl?: Lifetime
}

/** What Next constructs a handler with, as far as it is used. */
interface HandlerContext {
  readonly serverDistDir?: string
  readonly revalidatedTags?: readonly string[]
}

/** Next's cache of pages, routes and fetches on a server, shared by all instances. Source: `CacheHandler` of Next 16. */
export class DataCache {
  readonly #options: Shelf
  readonly #tags: Tags
  readonly #revalidated: readonly string[]
  readonly #dist: string | undefined
  #build: Promise<string> | undefined

  constructor(options: Shelf, context: HandlerContext = {}) {
    this.#options = options
    this.#tags = new Tags(options.redis, options.prefix)
    this.#revalidated = context.revalidatedTags ?? []
    this.#dist = context.serverDistDir
  }

  /** Null when there is none, when a tag of it was revalidated, and when the server can't be asked: a page goes on. */
  async get(key: string, context: GetContext = {}): Promise<Entry | null> {
    try {
      const packed = await this.#options.redis.getBuffer(
        await this.#nameOf(key, context.kind === "FETCH" ? "fetched" : "rendered"),
      )
      return packed && (await this.#judge(unpack(packed) as Entry, context))
    } catch (error) {
      this.#options.warn(error)
      return null
    }
  }

  /** Rejects when the server did not take it, which Next reports; without a server nothing is kept. */
  async set(key: string, value: CacheValue | null, context: SetContext = {}): Promise<void> {
    const { cacheControl } = context
    const entry: Entry = { value, lastModified: Date.now(), ...(cacheControl && { cacheControl }) }
    const keptS = Math.max(1, Math.min(KEPT_S, Math.ceil(cacheControl?.expire ?? KEPT_S)))
    try {
      const name = await this.#nameOf(key, context.fetchCache ? "fetched" : "rendered")
      await this.#options.redis.set(name, pack(entry), "EX", keptS)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      this.#options.warn(error)
    }
  }

  /** Every instance knows from here on. */
  async revalidateTag(tags: string | readonly string[], durations?: Durations): Promise<void> {
    await this.#tags.revalidate([tags].flat(), durations)
  }

  /** Nothing is kept in memory. */
  resetRequestCache(): void {}

  async #judge(entry: Entry, context: GetContext): Promise<Entry | null> {
    const tags = tagsOf(entry, context)
    if (tags.some((tag) => this.#revalidated.includes(tag))) return null
    const verdict = await this.#tags.judge(tags, entry.lastModified)
    if (verdict === "expired") return null
    return verdict === "stale" ? aged(entry) : entry
  }

  /** What is rendered belongs to one build: another's pages name other files. What was fetched outlives it. */
  async #nameOf(key: string, what: "fetched" | "rendered"): Promise<string> {
    if (what === "fetched") return `${this.#options.prefix}fetch:${key}`
    this.#build ??= buildOf(this.#dist)
    return `${this.#options.prefix}${await this.#build}:${key}`
  }
}

/** A fetch is asked for with its tags; what was rendered brings them along. */
function tagsOf({ value }: Entry, context: GetContext): string[] {
  if (context.kind === "FETCH") return [...(context.tags ?? []), ...(context.softTags ?? [])]
  const listed = value?.headers?.[TAGS_HEADER]
  return typeof listed === "string" && listed !== "" ? listed.split(",") : []
}

/** The same, so old that Next makes it anew in the background while it serves this. */
function aged(entry: Entry): Entry {
  if (entry.value?.kind === "FETCH") return { ...entry, lastModified: Date.now() - AGES_MS }
  // Next adds `revalidate` to the age, and gives up what is older than `expire`.
  const lastModified = Math.min(entry.lastModified, Date.now() - 2_000)
  return { ...entry, lastModified, cacheControl: { ...entry.cacheControl, revalidate: 1 } }
}

async function buildOf(serverDistDir: string | undefined): Promise<string> {
  if (serverDistDir === undefined) return "build"
  const id = await readFile(join(serverDistDir, "..", "BUILD_ID"), "utf8").catch(() => "")
  return id.trim() || "build"
}
