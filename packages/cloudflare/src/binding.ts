import { type PortableRedis, UnsupportedCommandError } from "@warmpool/core"
import { createPortableRedis } from "@warmpool/core/portable"
import { bindingWay } from "./binding-way.ts"
import { type BindRedis, ClientKit } from "./client-kit.ts"
import type { InvocationContext } from "./invocation.ts"
import { type PortableOptions, portableSpec } from "./portable-options.ts"
import { type BindingOptions, bindingSpec } from "./server-options.ts"
import { type RedisWorker, type WithRedis, wrapWorker } from "./wrap-worker.ts"

export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends PortableOptions, BindingOptions {}

/** This client has no leases to open one for. */
function noSession(): never {
  throw new UnsupportedCommandError("there are no leases here: import withRedis of @warmpool/cloudflare")
}

const kit = new ClientKit<PortableRedis, WorkerRedisOptions>({
  ways: [bindingWay(noSession)],
  server: bindingSpec,
  client: portableSpec,
  create: createPortableRedis,
})

/** `withRedis` of this package, through the pool only. */
export const withRedis: WithRedis<PortableRedis, WorkerRedisOptions> = (worker, options) =>
  wrapWorker(kit, worker, options)

/** `bindRedis` of this package, through the pool only. */
export const bindRedis: BindRedis<PortableRedis, WorkerRedisOptions> = (env, ctx, options) =>
  kit.bind(env, ctx, options).redis
