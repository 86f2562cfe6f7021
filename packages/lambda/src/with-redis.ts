import { ConfigError, type Redis } from "@warmpool/core"
import { Invocation } from "./invocation.ts"
import type { Invocations } from "./invocations.ts"

/** What is needed of Lambda's context object. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
  callbackWaitsForEmptyEventLoop?: boolean
}

export type LambdaCallback<R> = (error?: Error | string | null, result?: R) => void

/** Any of Lambda's handler signatures. */
export type AnyHandler = (event: never, second: never, third: never) => unknown

/** Remembered on a handler by `awslambda.streamifyResponse`, and read by the runtime. */
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming")

/** Wraps a handler; see `withRedis`. */
export function wrap(
  invocations: Invocations,
  redis: Redis,
  handler: AnyHandler,
): (...args: unknown[]) => Promise<unknown> {
  check(redis, handler)
  const invoke = handler as (...args: unknown[]) => unknown
  const takesCallback = handler.length >= 3 && !(STREAMING in handler)
  async function invocation(event: unknown, second: unknown, ...rest: unknown[]): Promise<unknown> {
    const args = [event, second, ...rest]
    const context = args.find(isContext)
    const started = new Invocation(endOf(context))
    if (context && "callbackWaitsForEmptyEventLoop" in context) context.callbackWaitsForEmptyEventLoop = false
    return invocations.run(started, async () => {
      try {
        return takesCallback && context === second ? await callBack(invoke, args) : await invoke(...args)
      } finally {
        await started.settled()
        await redis.settled()
        started.end()
      }
    })
  }
  for (const key of Object.getOwnPropertySymbols(handler))
    Reflect.set(invocation, key, Reflect.get(handler, key))
  return invocation
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
  return typeof value === "object" && value !== null && "getRemainingTimeInMillis" in value
}

/** Outside Lambda nobody says when it ends. */
function endOf(context: LambdaContext | undefined): number {
  return context === undefined ? Number.POSITIVE_INFINITY : Date.now() + context.getRemainingTimeInMillis()
}

/** Node 24's runtime takes no callback handlers any more: theirs become a promise. */
function callBack(invoke: (...args: unknown[]) => unknown, [event, context]: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: LambdaCallback<unknown> = (error, result) => {
      if (error === undefined || error === null) resolve(result)
      else reject(typeof error === "string" ? new Error(error) : error)
    }
    const returned = invoke(event, context, callback)
    if (returned instanceof Promise) returned.then((value) => value !== undefined && resolve(value), reject)
  })
}
