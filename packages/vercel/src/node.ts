import type { PortableRedis, Redis } from "@warmpool/core"
import { theInstance } from "./instance.ts"
import { makeClient } from "./make-client.ts"
import { onNode } from "./node-handler.ts"
import { readVercelOptions, type VercelRedisOptions, type VercelSettings } from "./options.ts"
import { type AnyHandler, type FetchHandler, type WithRedisOptions, wrap } from "./with-redis.ts"

export * from "@warmpool/core/names"
export type { OnIdle } from "./idling.ts"
export type { AnyHandler, FetchHandler, VercelRedisOptions, WithRedisOptions }

/**
 * Makes the client of a function, or gives the one that the same options made before. It looks for its server when it
 * is first used, so that a build needs no variables; without one, commands reject with a ConfigError.
 *
 * @param options - Where the server is, unless the environment says it, and limits.
 * @throws ConfigError naming the option that is wrong.
 */
export function createRedis(options: VercelRedisOptions = {}): Redis {
  const settings = readVercelOptions(options)
  const instance = theInstance()
  const mode = process.env["NODE_ENV"] === "production" ? "production" : "development"
  const make = () => makeClient(settings, { instance, environment: () => process.env })
  return instance.clients.share({ options, found: foundNow(settings), mode }, make)
}

/** The server as the environment names it now; empty when it names none, or need not. */
function foundNow(settings: VercelSettings): string {
  try {
    return JSON.stringify(settings.locate(process.env))
  } catch {
    return ""
  }
}

/** The client of the server that the environment names. */
export const redis: Redis = /* @__PURE__ */ createRedis()

/**
 * Wraps a handler: its commands end in time for the function to answer, and when nobody waits for the answer any more;
 * all of them, awaited or not, settle before the end, and leases that it did not give back are taken back. It takes Web
 * handlers, objects with `fetch`, Node's `(req, res)`, and functions that answer no request, such as server actions.
 *
 * @throws ConfigError if `redis` is not a client, `handler` no handler, or an option wrong.
 */
export function withRedis<A extends unknown[], R>(
  redis: PortableRedis,
  handler: (...args: A) => R,
  options?: WithRedisOptions,
): (...args: A) => Promise<Awaited<R>>
export function withRedis<H extends FetchHandler>(
  redis: PortableRedis,
  handler: H,
  options?: WithRedisOptions,
): H
export function withRedis(redis: PortableRedis, handler: unknown, options?: WithRedisOptions): unknown {
  return wrap({ redis, requests: theInstance().requests, ...onNode }, handler, options)
}
