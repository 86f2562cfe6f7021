import type { PortableRedis } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { ClientKit, type OptionsOrMake } from "./client-kit.ts"
import { httpWay } from "./http-way.ts"
import type { InvocationContext } from "./invocation.ts"
import { type PortableOptions, portableSpec } from "./portable-options.ts"
import { type HttpOptions, httpSpec } from "./server-options.ts"
import { type RedisWorker, wrapWorker } from "./wrap-worker.ts"

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
export function withRedis<Env = Cloudflare.Env, Message = unknown>(
  worker: RedisWorker<PortableRedis, Env, Message>,
  options?: OptionsOrMake<WorkerRedisOptions, Env>,
): ExportedHandler<Env, Message> {
  return wrapWorker(kit, worker, options)
}

/** `bindRedis` of this package, over HTTP only. */
export function bindRedis<Env extends object>(
  env: Env,
  ctx: InvocationContext,
  options?: OptionsOrMake<WorkerRedisOptions, Env>,
): PortableRedis {
  return kit.bind(env, ctx, options as OptionsOrMake<WorkerRedisOptions, never>).redis
}
