import { ConfigError, type Redis } from "@warmpool/core"
import { promised } from "./callback-handler.ts"
import type { Invocations } from "./invocations.ts"
import { beginInvocation, endInvocation, isContext } from "./lambda-context.ts"
import { bodyEnded, copyStreaming, endWith, isResponseStream, isStreaming } from "./response-stream.ts"
import { answerPing, readPing } from "./warmer/ping.ts"

/** Any of Lambda's handler signatures. */
export type AnyHandler = (event: never, second: never, third: never) => unknown

type Wrapped = (event: unknown, second: unknown, ...rest: unknown[]) => Promise<unknown>

/** The clients of a wrapped handler: one that is wrapped again is not called by a ping. */
const clientsOf = new WeakMap<object, readonly Redis[]>()

/** Wraps a handler; see `withRedis`. */
export function wrap(invocations: Invocations, redis: Redis, handler: AnyHandler): Wrapped {
  checkClient(redis)
  checkHandler(handler)
  const call = calling(handler)
  const clients = [redis, ...(clientsOf.get(handler) ?? [])]
  const wrapped: Wrapped = async (...args) => {
    const context = args.find(isContext)
    // Wrapped twice, perhaps around two clients: it is still one invocation.
    if (context && invocations.current?.context === context) return call(args)
    const invocation = beginInvocation(context)
    const ping = readPing(args[0])
    return invocations.run(invocation, async () => {
      try {
        if (ping === undefined) return await call(args)
        return await endWith(args[1], await answerPing(ping, clients, invocation.endsAt))
      } finally {
        await endInvocation(invocation, redis)
      }
    })
  }
  copyStreaming(handler, wrapped)
  clientsOf.set(wrapped, clients)
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

export function checkClient(redis: unknown): void {
  if (typeof redis !== "object" || redis === null || !("settled" in redis)) {
    throw new ConfigError("withRedis: the first argument is the client: withRedis(createRedis(), handler)")
  }
}

function checkHandler(handler: unknown): void {
  if (typeof handler !== "function") {
    throw new ConfigError(
      `withRedis: the second argument is the handler, a function; it got ${kindOf(handler)}`,
    )
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : `a value of type ${typeof value}`
}
