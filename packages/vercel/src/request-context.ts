/** What Vercel's runtime lends one request. */
export interface PlatformRequest {
  /** Keeps the instance up until the promise has settled. */
  waitUntil?(promise: Promise<unknown>): void
  /** When the platform ends the request: an ISO date. */
  readonly deadline?: string
}

interface Source {
  get?(): PlatformRequest | undefined
}

const SOURCE = Symbol.for("@vercel/request-context")

/**
 * The request that the running code belongs to; undefined outside Vercel.
 * Source: `getContext` of @vercel/functions 3.9.9, which reads the same symbol and need not be installed.
 */
export function platformRequest(): PlatformRequest | undefined {
  const source: Source | undefined = Reflect.get(globalThis, SOURCE)
  return source?.get?.()
}

/** When the platform ends a request: wall clock, ms; `Infinity` when it does not say. */
export function deadlineOf(request: PlatformRequest | undefined): number {
  const endsAt = Date.parse(request?.deadline ?? "")
  return Number.isNaN(endsAt) ? Number.POSITIVE_INFINITY : endsAt
}
