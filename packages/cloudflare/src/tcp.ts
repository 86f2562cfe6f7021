import { createRedis, type Redis } from "@warmpool/core"
import { text } from "@warmpool/core/config"
import { type BindRedis, ClientKit } from "./client-kit.ts"
import { type FullOptions, fullSpec } from "./full-options.ts"
import { HoldingInvocation } from "./holding-invocation.ts"
import type { InvocationContext } from "./invocation.ts"
import type { TcpOptions } from "./server-options.ts"
import { tcpWay } from "./tcp-way.ts"
import { openFirst } from "./way.ts"
import { type RedisWorker, type WithRedis, wrapWorker } from "./wrap-worker.ts"

export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends FullOptions, TcpOptions {}

const kit = new ClientKit<Redis, WorkerRedisOptions>({
  spec: { ...fullSpec, url: text(), name: text() },
  open: (given, env) => openFirst([tcpWay], given, env),
  begin: (ctx) => new HoldingInvocation(ctx),
  create: createRedis,
})

/** `withRedis` of this package, over TCP only. */
export const withRedis: WithRedis<Redis, WorkerRedisOptions> = (worker, options) =>
  wrapWorker(kit, worker, options)

/** `bindRedis` of this package, over TCP only. */
export const bindRedis: BindRedis<Redis, WorkerRedisOptions> = (env, ctx, options) =>
  kit.bind(env, ctx, options).redis
