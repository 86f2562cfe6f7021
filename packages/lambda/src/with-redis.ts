import { ConfigError, type Redis } from "@warmpool/core"
import { promised } from "./callback-handler.ts"
import { Invocation } from "./invocation.ts"
import type { Invocations } from "./invocations.ts"
import { bodyEnded, copyStreaming, isResponseStream, isStreaming } from "./response-stream.ts"

/** What is needed of Lambda's context object. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
  callbackWaitsForEmptyEventLoop?: boolean
}

/** Any of Lambda's handler signatures. */
export type AnyHandler = (event: never, second: never, third: never) => unknown

type Wrapped = (event: unknown, second: unknown, ...rest: unknown[]) => Promise<unknown>

/** Wraps a handler; see `withRedis`. */
export function wrap(invocations: Invocations, redis: Redis, handler: AnyHandler): Wrapped {
  check(redis, handler)
  const call = calling(handler)
  const wrapped: Wrapped = async (...args) => {
    const context = args.find(isContext)
    // Wrapped twice, perhaps around two clients: it is still one invocation.
    if (context && invocations.current?.context === context) return call(args)
    const invocation = new Invocation(endOf(context), context)
    // The connection stays open: an answer that waits for an empty event loop never leaves.
    if (context && "callbackWaitsForEmptyEventLoop" in context) {
      Reflect.set(context, "callbackWaitsForEmptyEventLoop", false)
    }
    return invocations.run(invocation, async () => {
      try {
        return await call(args)
      } finally {
        await invocation.settled()
        await redis.settled()
        invocation.end()
      }
    })
  }
  copyStreaming(handler, wrapped)
  return wrapped
}

/** Calls the handler in its own style, which its parameters and arguments tell. */
function calling(handler: AnyHandler): (args: unknown[]) => Promise<unknown> {
  const invoke = handler as (...args: unknown[]) => unknown
  const takesThree = handler.length >= 3 && !isStreaming(handler)
  return async (args) => {
    const [event, second] = args
    if (isResponseStream(second)) {
      const result = await invoke(...args)
      await bodyEnded(second)
      return result
    }
    return takesThree ? promised(invoke, event, second) : invoke(...args)
  }
}

function check(redis: unknown, handler: unknown): void {
  if (typeof redis !== "object" || redis === null || !("settled" in redis)) {
    throw new ConfigError("withRedis: the first argument is the client: withRedis(createRedis(), handler)")
  }
  if (typeof handler !== "function") {
    throw new ConfigError(
      `withRedis: the second argument is the handler, a function; it got ${kindOf(handler)}`,
    )
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : `a value of type ${typeof value}`
}

function isContext(value: unknown): value is LambdaContext {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "getRemainingTimeInMillis") === "function"
  )
}

/** Outside Lambda nobody says when it ends, and a mock may not know. */
function endOf(context: LambdaContext | undefined): number {
  const leftMs: unknown = context?.getRemainingTimeInMillis()
  return typeof leftMs === "number" && !Number.isNaN(leftMs) ? Date.now() + leftMs : Number.POSITIVE_INFINITY
}
