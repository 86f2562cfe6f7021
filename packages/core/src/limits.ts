/** Limits of a pool. Every duration is in milliseconds. */
export interface PoolOptions {
  /** Most connections open at once: one shared, the others leased. @defaultValue 5 */
  readonly max?: number | undefined
  /** Longest wait for a lease; then `AcquireTimeoutError`. @defaultValue 1_000 */
  readonly acquireTimeoutMs?: number | undefined
  /** Most callers that may wait for a lease at once. @defaultValue 1_000 */
  readonly maxWaiters?: number | undefined
  /** Longest life of a connection, ± 10 %; its replacement is opened first. @defaultValue 600_000 */
  readonly maxLifetimeMs?: number | undefined
  /** A connection silent for longer is validated before it is trusted. @defaultValue 500 */
  readonly validateAfterMs?: number | undefined
  /** Longest wait for the sign of life. @defaultValue 100 */
  readonly validateTimeoutMs?: number | undefined
  /** Longest wait for one connection to open. @defaultValue 1_000 */
  readonly connectTimeoutMs?: number | undefined
  /** An idle connection unused for longer is closed when the pool is next used. @defaultValue 60_000 */
  readonly idleTimeoutMs?: number | undefined
  /** A lease held for longer is reported as a `leak`. @defaultValue 30_000 */
  readonly leakWarnAfterMs?: number | undefined
}

/** All limits, defaults filled in. */
export type Limits = { readonly [Name in keyof PoolOptions]-?: number }
