import type { PortableRedis } from "@warmpool/core"
import { object } from "@warmpool/core/config"
import { createPortableRedis } from "@warmpool/core/portable"
import { bindingWay } from "./binding-way.ts"
import { type BindRedis, ClientKit } from "./client-kit.ts"
import { Invocation, type InvocationContext } from "./invocation.ts"
import { type PortableOptions, portableSpec } from "./portable-options.ts"
import type { BindingOptions } from "./server-options.ts"
import { openFirst } from "./way.ts"
import { type RedisWorker, type WithRedis, wrapWorker } from "./wrap-worker.ts"

export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends PortableOptions, BindingOptions {}

const kit = new ClientKit<PortableRedis, WorkerRedisOptions>({
  spec: { ...portableSpec, binding: object() },
  open: (given, env) => openFirst([bindingWay()], given, env),
  begin: (ctx) => new Invocation(ctx),
  create: createPortableRedis,
})

/** `withRedis` of this package, through the pool only. */
export const withRedis: WithRedis<PortableRedis, WorkerRedisOptions> = (worker, options) =>
  wrapWorker(kit, worker, options)

/** `bindRedis` of this package, through the pool only. */
export const bindRedis: BindRedis<PortableRedis, WorkerRedisOptions> = (env, ctx, options) =>
  kit.bind(env, ctx, options).redis
