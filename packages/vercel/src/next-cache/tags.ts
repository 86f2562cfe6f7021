import type { PortableRedis } from "@warmpool/core"

/** Longest that an entry is kept, seconds; a tag's revalidation is remembered for longer than any entry. */
export const KEPT_S = 30 * 86_400
const REMEMBERED_S = KEPT_S + 86_400

/** How long what a tag marks may still be served while it is made anew, as Next says it. */
export interface Durations {
  readonly expire?: number
}

/** What becomes of an entry by its tags. */
export type Verdict = "fresh" | "stale" | "expired"

/** When each tag was revalidated, on the server: known to every instance, as soon as it is written. */
export class Tags {
  readonly #redis: PortableRedis
  readonly #prefix: string

  constructor(redis: PortableRedis, prefix: string) {
    this.#redis = redis
    this.#prefix = `${prefix}tag:`
  }

  /**
   * Marks entries as stale from now on, and as expired once `expire` seconds are over; without durations as expired now.
   * Rejects when the server did not take it.
   */
  async revalidate(tags: readonly string[], durations?: Durations): Promise<void> {
    const now = Date.now()
    const { expire } = durations ?? {}
    // An end that was set before is none of this one's.
    const ends = expire === undefined ? "" : now + expire * 1_000
    const marks: Record<string, string | number> = durations ? { stale: now, ends } : { expired: now }
    const lastsS = REMEMBERED_S + Math.ceil(expire ?? 0)
    const written = tags.flatMap((tag) => [
      this.#redis.hset(this.#prefix + tag, marks),
      this.#redis.expire(this.#prefix + tag, lastsS),
    ])
    await Promise.all(written)
  }

  /** What becomes of an entry made at a moment of the wall clock, ms. */
  async judge(tags: readonly string[], madeAt: number): Promise<Verdict> {
    const now = Date.now()
    const marks = await Promise.all(
      [...new Set(tags)].map((tag) => this.#redis.hmget(this.#prefix + tag, "stale", "ends", "expired")),
    )
    const verdicts = marks.map(([stale, ends, expired]): Verdict => {
      if (Number(expired ?? 0) >= madeAt) return "expired"
      // What was made since then is none of this mark's business.
      if (Number(stale ?? 0) < madeAt) return "fresh"
      return ends && Number(ends) <= now ? "expired" : "stale"
    })
    if (verdicts.includes("expired")) return "expired"
    return verdicts.includes("stale") ? "stale" : "fresh"
  }
}
