import { redis } from "@warmpool/vercel"
import { unstable_cache } from "next/cache"
import { cache } from "react"

/** Counts this request. However many components ask, one request counts once. */
export const countVisit = cache(() => redis.incr("visits"))

/** How often the button was pressed. */
export const readLikes = cache(async () => Number((await redis.get("likes")) ?? 0))

/** Counted once, then taken from Next's data cache until the tag "drawing" is revalidated. */
export const drawNumber = unstable_cache(() => redis.incr("drawn"), ["drawn"], { tags: ["drawing"] })
