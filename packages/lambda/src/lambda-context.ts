import type { Redis } from "@warmpool/core"
import { Invocation } from "./invocation.ts"

/** What is needed of Lambda's context object. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
  callbackWaitsForEmptyEventLoop?: boolean
}

export function isContext(value: unknown): value is LambdaContext {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "getRemainingTimeInMillis") === "function"
  )
}

/** The invocation that a context belongs to; without one, an invocation of which nobody knows when it ends. */
export function beginInvocation(context: LambdaContext | undefined): Invocation {
  const invocation = new Invocation(endOf(context), context)
  // The connection stays open: an answer that waits for an empty event loop never leaves.
  if (context && "callbackWaitsForEmptyEventLoop" in context) {
    Reflect.set(context, "callbackWaitsForEmptyEventLoop", false)
  }
  return invocation
}

/** Resolves once nothing is in flight: the platform may freeze. */
export async function endInvocation(invocation: Invocation, redis: Redis): Promise<void> {
  await invocation.settled()
  await redis.settled()
  invocation.end()
}

/** Outside Lambda nobody says when it ends, and a mock may not know. */
function endOf(context: LambdaContext | undefined): number {
  const leftMs: unknown = context?.getRemainingTimeInMillis()
  return typeof leftMs === "number" && !Number.isNaN(leftMs) ? Date.now() + leftMs : Number.POSITIVE_INFINITY
}
