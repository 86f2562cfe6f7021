import { ConfigError, type PortableRedis } from "@warmpool/core"
import { type Option, readOptions } from "@warmpool/core/config"
import type { InvocationScope } from "@warmpool/core/scope"
import { deadlineOf, platformRequest } from "./request-context.ts"
import type { Requests } from "./requests.ts"

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

/** What every wrapped handler of a client shares. */
export interface Wrapping<S extends InvocationScope> {
  readonly redis: PortableRedis
  readonly requests: Requests<S>
  /** The request that a handler is called for with `args`; `endsAt` is when the platform ends it. */
  begin(args: readonly unknown[], endsAt: number): S
  /** Gives the answer of `handle` once it may leave; calls `close` once its request is over. */
  serve(handle: () => Promise<unknown>, request: Served<S>): Promise<unknown>
}

/** One request. */
export interface Served<S> {
  readonly args: readonly unknown[]
  readonly scope: S
  /** Lets all commands settle, and takes back what was not given back. */
  readonly close: () => Promise<void>
}

const seconds: Option<number> = {
  expects: "a number of seconds above 0",
  accepts: (value) => typeof value === "number" && value > 0,
  fallback: Number.POSITIVE_INFINITY,
}

/** Wraps a handler, or the `fetch` of an object; see `withRedis`. */
export function wrap<S extends InvocationScope>(
  wrapping: Wrapping<S>,
  handler: unknown,
  options: WithRedisOptions | undefined,
): unknown {
  if (typeof wrapping.redis?.settled !== "function")
    throw new ConfigError("withRedis: the first argument is the client: withRedis(redis, handler)")
  const { maxDuration } = readOptions("withRedis", { maxDuration: seconds }, options)
  if (typeof handler === "function") return wrapHandle(wrapping, handler as Handle, maxDuration)
  const object = handler as { readonly fetch?: Handle } | undefined
  const fetch = object?.fetch
  if (typeof fetch !== "function")
    throw new ConfigError(
      "withRedis: the second argument is the handler: a function, or an object with fetch",
    )
  return { ...object, fetch: wrapHandle(wrapping, (...args) => fetch.apply(object, args), maxDuration) }
}

function wrapHandle<S extends InvocationScope>(
  { redis, requests, begin, serve }: Wrapping<S>,
  handler: Handle,
  maxDuration: number,
): Handle {
  return async (...args) => {
    // Wrapped twice, perhaps around two clients: it is still one request.
    if (requests.current) return handler(...args)
    const endsAt = Math.min(deadlineOf(platformRequest()), Date.now() + maxDuration * 1_000)
    const scope = begin(args, endsAt)
    const close = async (): Promise<void> => {
      await scope.settled()
      await redis.settled()
      scope.end()
    }
    return requests.run(scope, () => serve(async () => handler(...args), { args, scope, close }))
  }
}

/** Aborts when nobody waits for the answer any more, where the request of a Web handler tells of that. */
export function signalOf([request]: readonly unknown[]): AbortSignal | undefined {
  const signal = typeof request === "object" && (request as { readonly signal?: unknown } | null)?.signal
  return signal instanceof AbortSignal ? signal : undefined
}
