import type { PortableRedis } from "@warmpool/core"
import { text } from "@warmpool/core/config"
import { createPortableRedis } from "@warmpool/core/portable"
import { type BindRedis, ClientKit } from "./client-kit.ts"
import { httpWay } from "./http-way.ts"
import { Invocation, type InvocationContext } from "./invocation.ts"
import { type PortableOptions, portableSpec } from "./portable-options.ts"
import type { HttpOptions } from "./server-options.ts"
import { openFirst } from "./way.ts"
import { type RedisWorker, type WithRedis, wrapWorker } from "./wrap-worker.ts"

export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends PortableOptions, HttpOptions {}

const kit = new ClientKit<PortableRedis, WorkerRedisOptions>({
  spec: { ...portableSpec, url: text(), token: text() },
  open: (given, env) => openFirst([httpWay], given, env),
  begin: (ctx) => new Invocation(ctx),
  create: createPortableRedis,
})

/** `withRedis` of this package, over HTTP only. */
export const withRedis: WithRedis<PortableRedis, WorkerRedisOptions> = (worker, options) =>
  wrapWorker(kit, worker, options)

/** `bindRedis` of this package, over HTTP only. */
export const bindRedis: BindRedis<PortableRedis, WorkerRedisOptions> = (env, ctx, options) =>
  kit.bind(env, ctx, options).redis
