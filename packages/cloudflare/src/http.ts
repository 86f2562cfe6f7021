import type { PortableRedis } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { type BindRedis, ClientKit } from "./client-kit.ts"
import { httpWay } from "./http-way.ts"
import type { InvocationContext } from "./invocation.ts"
import { type PortableOptions, portableSpec } from "./portable-options.ts"
import { type HttpOptions, httpSpec } from "./server-options.ts"
import { type RedisWorker, type WithRedis, wrapWorker } from "./wrap-worker.ts"

export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends PortableOptions, HttpOptions {}

const kit = new ClientKit<PortableRedis, WorkerRedisOptions>({
  ways: [httpWay],
  server: httpSpec,
  client: portableSpec,
  create: createPortableRedis,
})

/** `withRedis` of this package, over HTTP only. */
export const withRedis: WithRedis<PortableRedis, WorkerRedisOptions> = (worker, options) =>
  wrapWorker(kit, worker, options)

/** `bindRedis` of this package, over HTTP only. */
export const bindRedis: BindRedis<PortableRedis, WorkerRedisOptions> = (env, ctx, options) =>
  kit.bind(env, ctx, options).redis
