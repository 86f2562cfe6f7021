import { createRedis as createCore, type Redis } from "@warmpool/core"
import { socketTransport } from "@warmpool/socket"
import type { LambdaCallback } from "./callback-handler.ts"
import { lambdaHost } from "./host.ts"
import { invocations } from "./invocations.ts"
import type { LambdaContext } from "./lambda-context.ts"
import { type LambdaRedisOptions, readLambdaOptions } from "./options.ts"
import { closeOnShutdown } from "./shutdown.ts"
import { type AnyHandler, wrap } from "./with-redis.ts"

export * from "@warmpool/core/names"
export type { LambdaCallback, LambdaContext, LambdaRedisOptions }

if (process.env["AWS_LAMBDA_MAX_CONCURRENCY"] !== undefined) invocations.overlap()
const host = lambdaHost(invocations)

/**
 * Makes the client of a function, at module scope: its connection lives as long as the sandbox does. It connects during
 * init and never fails it: what went wrong is told to the commands of the invocation.
 *
 * @param options - Where the server is, unless `REDIS_URL` says it, and limits.
 * @throws ConfigError naming the option that is wrong, or when there is no server to connect to.
 */
export function createRedis(options: LambdaRedisOptions = {}): Redis {
  const settings = readLambdaOptions(options, process.env["REDIS_URL"])
  const transport = settings.transport ?? socketTransport(settings.endpoint)
  const redis = createCore({ ...settings.core, transport, host })
  if (settings.prewarm) void redis.prewarm()
  const address = process.env["AWS_LAMBDA_RUNTIME_API"]
  if (settings.closeOnShutdown && address !== undefined && isMainThread()) closeOnShutdown(redis, address)
  return redis
}

/**
 * Wraps a handler: its commands end in time for the invocation to answer, all of them, awaited or not, have settled
 * before it does, and leases that it did not give back are taken back. Callback handlers become asynchronous ones.
 *
 * @throws ConfigError if `redis` is not a client or `handler` not a function.
 */
export function withRedis<E, R, C extends LambdaContext = LambdaContext>(
  redis: Redis,
  // biome-ignore lint/suspicious/noConfusingVoidType: a callback handler gives nothing back.
  handler: (event: E, context: C, callback: LambdaCallback<R>) => R | Promise<R> | void,
): (event: E, context: C) => Promise<R>
export function withRedis<E, S extends { end(): unknown }, R, C extends LambdaContext = LambdaContext>(
  redis: Redis,
  handler: (event: E, responseStream: S, context: C) => R | Promise<R>,
): (event: E, responseStream: S, context: C) => Promise<R>
export function withRedis(redis: Redis, handler: AnyHandler): (...args: never[]) => Promise<unknown> {
  return wrap(invocations, redis, handler)
}

/** Worker threads get no signals. */
function isMainThread(): boolean {
  return process.getBuiltinModule("node:worker_threads").isMainThread
}
