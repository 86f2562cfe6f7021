import { createRedis, type Redis } from "@warmpool/core"
import { closeIdle } from "@warmpool/core/idle"
import { ClientKit, type OptionsOrMake } from "./client-kit.ts"
import { type FullOptions, fullSpec } from "./full-options.ts"
import type { InvocationContext } from "./invocation.ts"
import { type TcpOptions, tcpSpec } from "./server-options.ts"
import { tcpWay } from "./tcp-way.ts"
import { type RedisWorker, wrapWorker } from "./wrap-worker.ts"

export type { InvocationContext, RedisWorker }

/** Where the server is, unless `env` says it, and limits. Every duration is in milliseconds. */
export interface WorkerRedisOptions extends FullOptions, TcpOptions {}

const kit = new ClientKit<Redis, WorkerRedisOptions>({
  ways: [tcpWay],
  server: tcpSpec,
  client: fullSpec,
  create: createRedis,
  closeIdle: (redis) => closeIdle(redis, "all"),
})

/** `withRedis` of this package, over TCP only. */
export function withRedis<Env = Cloudflare.Env, Message = unknown>(
  worker: RedisWorker<Redis, Env, Message>,
  options?: OptionsOrMake<WorkerRedisOptions, Env>,
): ExportedHandler<Env, Message> {
  return wrapWorker(kit, worker, options)
}

/** `bindRedis` of this package, over TCP only. */
export function bindRedis<Env extends object>(
  env: Env,
  ctx: InvocationContext,
  options?: OptionsOrMake<WorkerRedisOptions, Env>,
): Redis {
  return kit.bind(env, ctx, options as OptionsOrMake<WorkerRedisOptions, never>).redis
}
