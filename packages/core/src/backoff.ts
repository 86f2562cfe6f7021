const FIRST_MS = 25
const LONGEST_MS = 1_000

/**
 * How long to wait before attempt `attempt` (1 is the first repetition): full jitter, so that a fleet which lost
 * the server at one moment does not come back at one moment.
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1))
}
