import { ConfigError, type PortableRedis } from "@warmpool/core"
import { isPlainObject } from "@warmpool/core/config"
import { deadlineOf, platformRequest } from "./request-context.ts"
import { RequestScope } from "./request-scope.ts"
import type { Requests } from "./requests.ts"
import { untilSent } from "./response-body.ts"

/** What `withRedis` takes beside the client and the handler. */
export interface WithRedisOptions {
  /** How long the platform lets the function run, seconds: the route's `maxDuration`. @defaultValue what the platform says */
  readonly maxDuration?: number | undefined
}

/** Any handler: of a Web request, of Node's pair, or a function that answers none, such as a server action. */
export type AnyHandler = (...args: never[]) => unknown

/** An object with Web handlers, as `export default { fetch }`. */
export interface FetchHandler {
  fetch(request: Request, ...rest: never[]): Response | Promise<Response>
}

type Handle = (...args: unknown[]) => unknown

/** How a handler answers, and how long its request lasts. */
export interface Style {
  /** Aborts when nobody waits for the answer any more. */
  signalOf(args: readonly unknown[]): AbortSignal | undefined
  /** Gives the answer once it may leave; calls `close` once its request is over. */
  finish(answer: unknown, args: readonly unknown[], request: Closing): Promise<unknown>
}

/** The end of a request. */
export interface Closing {
  readonly scope: RequestScope
  /** Lets all commands settle, and takes back what was not given back. */
  readonly close: () => Promise<void>
}

/** Web handlers: the answer leaves when all has settled; where a lease may be in use for its body, after that. */
export const webStyle: Style = {
  signalOf: ([request]) => {
    const signal = typeof request === "object" && request !== null && Reflect.get(request, "signal")
    return signal instanceof AbortSignal ? signal : undefined
  },
  finish: async (answer, _args, { scope, close }) => {
    if (scope.hasHeld && answer instanceof Response && answer.body) return untilSent(answer, close)
    await close()
    return answer
  },
}

/** What every wrapped handler of a client shares. */
export interface Wrapping {
  readonly redis: PortableRedis
  readonly requests: Requests
  readonly styleOf: (args: readonly unknown[]) => Style
}

/** Wraps a handler, or the `fetch` of an object; see `withRedis`. */
export function wrap(wrapping: Wrapping, handler: unknown, options: WithRedisOptions = {}): unknown {
  const { redis } = wrapping
  if (typeof redis !== "object" || redis === null || !("settled" in redis)) {
    throw new ConfigError("withRedis: the first argument is the client: withRedis(redis, handler)")
  }
  const maxDurationMs = durationOf(options)
  if (typeof handler === "function") return wrapHandle(wrapping, handler as Handle, maxDurationMs)
  const fetch: unknown = typeof handler === "object" && handler !== null && Reflect.get(handler, "fetch")
  if (typeof fetch === "function") {
    const bound: Handle = (...args) => Reflect.apply(fetch, handler, args)
    return { ...(handler as object), fetch: wrapHandle(wrapping, bound, maxDurationMs) }
  }
  throw new ConfigError("withRedis: the second argument is the handler: a function, or an object with fetch")
}

function wrapHandle({ redis, requests, styleOf }: Wrapping, handler: Handle, maxDurationMs: number): Handle {
  return async (...args) => {
    // Wrapped twice, perhaps around two clients: it is still one request.
    if (requests.current) return handler(...args)
    const style = styleOf(args)
    const endsAt = Math.min(deadlineOf(platformRequest()), Date.now() + maxDurationMs)
    const scope = new RequestScope(endsAt, style.signalOf(args))
    const close = async (): Promise<void> => {
      await scope.settled()
      await redis.settled()
      scope.end()
    }
    return requests.run(scope, async () => {
      let answer: unknown
      try {
        answer = await handler(...args)
      } catch (error) {
        await close()
        throw error
      }
      return style.finish(answer, args, { scope, close })
    })
  }
}

function durationOf(options: WithRedisOptions): number {
  if (!isPlainObject(options)) {
    throw new ConfigError("withRedis: the third argument is an object with maxDuration, in seconds")
  }
  const { maxDuration, ...others } = options
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw new ConfigError(`withRedis: unknown option ${unknown}: it takes maxDuration`)
  }
  if (maxDuration === undefined) return Number.POSITIVE_INFINITY
  if (typeof maxDuration === "number" && maxDuration > 0) return maxDuration * 1_000
  throw new ConfigError("withRedis: maxDuration takes a number of seconds above 0")
}
