import type { PortableRedis, Transport } from "@warmpool/core"
import { lazyPortableRedis } from "@warmpool/core/portable"
import { upstashTransport } from "@warmpool/upstash/transport"
import { edgeHost, onEdge } from "./edge/host.ts"
import { type EdgeRedisOptions, readEdgeOptions } from "./edge/options.ts"
import { type Environment, findOverHttp } from "./environment.ts"
import { type AnyHandler, type FetchHandler, type WithRedisOptions, wrap } from "./with-redis.ts"

export * from "./edge/core-names.ts"
export type { AnyHandler, EdgeRedisOptions, FetchHandler, WithRedisOptions }

/**
 * Makes the client of a function in the Edge runtime: over HTTP, each tick of commands one request. It looks for its
 * server when it is first used; without one, commands reject with a ConfigError.
 *
 * @param options - Where the server is, unless the environment says it, and limits.
 * @throws ConfigError naming the option that is wrong.
 */
export function createRedis(options: EdgeRedisOptions = {}): PortableRedis {
  const settings = readEdgeOptions(options)
  return lazyPortableRedis(() => ({
    ...settings,
    transport: settings.transport ?? transportFrom(typeof process === "undefined" ? {} : process.env),
    host: edgeHost,
  }))
}

function transportFrom(environment: Environment): Transport {
  const { url, token } = findOverHttp(environment)
  return upstashTransport({ url, token })
}

/** The client of the server that the environment names. */
export const redis: PortableRedis = /* @__PURE__ */ createRedis()

/**
 * Wraps a handler: its commands end in time for the function to answer, and when nobody waits for the answer any more;
 * all of them, awaited or not, settle before the end. It takes Web handlers, objects with `fetch`, and functions that
 * answer no request.
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
  return wrap({ redis, ...onEdge }, handler, options)
}
