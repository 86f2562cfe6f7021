import { createRedis, type Redis } from "@warmpool/core"
import { object, oneOf, text } from "@warmpool/core/config"
import { bindingWay } from "./binding-way.ts"
import { type BindRedis, ClientKit } from "./client-kit.ts"
import { type FullOptions, fullSpec } from "./full-options.ts"
import { HoldingInvocation } from "./holding-invocation.ts"
import { httpWay } from "./http-way.ts"
import type { InvocationContext } from "./invocation.ts"
import { type NamedWay, openWay } from "./open-way.ts"
import type { BindingOptions, HttpOptions, TcpOptions } from "./server-options.ts"
import { openSession } from "./service/session-connection.ts"
import { tcpWay } from "./tcp-way.ts"
import type { WayName } from "./way.ts"
import { type RedisWorker, type WithRedis, wrapWorker } from "./wrap-worker.ts"

export * from "@warmpool/core/names"
export type { RedisEnv } from "./env.ts"
export type { PoolService } from "./service/service.ts"
export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends FullOptions, BindingOptions, HttpOptions, TcpOptions {
  /** The way to take where `env` holds several. @defaultValue the first of `"binding"`, `"http"`, `"tcp"` */
  readonly way?: WayName | undefined
}

/** First match first. */
const WAYS: readonly NamedWay[] = [
  ["binding", bindingWay(openSession)],
  ["http", httpWay],
  ["tcp", tcpWay],
]

const kit = new ClientKit<Redis, WorkerRedisOptions>({
  spec: {
    ...fullSpec,
    binding: object(),
    url: text(),
    token: text(),
    name: text(),
    way: oneOf(["binding", "http", "tcp"]),
  },
  open: (given, env) => openWay(WAYS, given, env),
  begin: (ctx) => new HoldingInvocation(ctx),
  create: createRedis,
})

/**
 * Hands the client to the handlers of a Worker, after `ctx`. Each invocation has its own; what a handler does not wait
 * for is finished after its answer, and commands end with a request that its caller gave up.
 *
 * @param options - Where the server is, unless `env` says it, and limits; or a function that makes them of `env`.
 * @throws ConfigError for a wrong option at once; within an invocation when `env` says of no server.
 */
export const withRedis: WithRedis<Redis, WorkerRedisOptions> = (worker, options) =>
  wrapWorker(kit, worker, options)

/**
 * The client of this invocation, or of this Durable Object, for routers and classes.
 *
 * @throws ConfigError for a wrong option, or when `env` says of no server.
 */
export const bindRedis: BindRedis<Redis, WorkerRedisOptions> = (env, ctx, options) =>
  kit.bind(env, ctx, options).redis
