/** Of a caller's patience the pool takes so much: it knows what became of a command, which a call given up does not tell. */
const SHARE = 0.9

/** Longest wait of the pool for the replies, ms; its own limit where the caller waits for ever. */
export function shareOf(patienceMs: number): number | undefined {
  return Number.isFinite(patienceMs) ? Math.max(1, Math.floor(patienceMs * SHARE)) : undefined
}
