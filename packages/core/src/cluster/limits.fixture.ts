/** What the lanes of a cluster are told in tests. */
export const limits = {
  max: 2,
  maxWaiters: 1,
  maxLifetimeMs: 600_000,
  acquireTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
  idleTimeoutMs: 60_000,
  leakWarnAfterMs: 60_000,
  validateAfterMs: 500,
  validateTimeoutMs: 100,
}
