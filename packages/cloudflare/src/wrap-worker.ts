import { ConfigError, type PortableRedis } from "@warmpool/core"
import type { ClientKit, OptionsOrMake } from "./client-kit.ts"
import type { InvocationContext } from "./invocation.ts"

/** The handlers that get the client. */
const HANDLERS = ["fetch", "scheduled", "queue", "email", "tail"] as const

/** A Worker whose handlers get the client after `ctx`. Other handlers stay as they are. */
export interface RedisWorker<R, Env, Message> {
  fetch?(
    request: Request<unknown, IncomingRequestCfProperties<unknown>>,
    env: Env,
    ctx: ExecutionContext,
    redis: R,
  ): Response | Promise<Response>
  scheduled?(controller: ScheduledController, env: Env, ctx: ExecutionContext, redis: R): void | Promise<void>
  queue?(batch: MessageBatch<Message>, env: Env, ctx: ExecutionContext, redis: R): void | Promise<void>
  email?(message: ForwardableEmailMessage, env: Env, ctx: ExecutionContext, redis: R): void | Promise<void>
  tail?(events: TraceItem[], env: Env, ctx: ExecutionContext, redis: R): void | Promise<void>
}

// biome-ignore lint/complexity/useMaxParams: the order that Workers have, and the client behind it.
type Handler = (event: unknown, env: object, ctx: InvocationContext, redis: unknown) => unknown

/** `withRedis` of an entry, whose client is an `R` and takes `O`. */
export type WithRedis<R, O> = <Env = Cloudflare.Env, Message = unknown>(
  worker: RedisWorker<R, Env, Message>,
  options?: OptionsOrMake<O, Env>,
) => ExportedHandler<Env, Message>

/** See `withRedis`. */
export function wrapWorker<R extends PortableRedis, O extends object, Env, Message>(
  kit: ClientKit<R, O>,
  worker: RedisWorker<R, Env, Message>,
  options: OptionsOrMake<O, Env> | undefined,
): ExportedHandler<Env, Message> {
  const names = HANDLERS.filter((name) => typeof worker?.[name] === "function")
  if (names.length === 0) {
    throw new ConfigError(
      `withRedis takes a Worker: an object with ${HANDLERS.join(", ")}, at least one of them`,
    )
  }
  kit.check(options)
  const wrapped = names.map((name) => {
    const handler = worker[name] as unknown as Handler
    const handle = async (event: unknown, env: object, ctx: InvocationContext): Promise<unknown> => {
      const { redis, invocation } = kit.bind(env, ctx, options as OptionsOrMake<O, object>)
      invocation.begin(event instanceof Request ? event.signal : undefined)
      let answer: unknown
      try {
        answer = await handler.call(worker, event, env, ctx, redis)
        return answer
      } finally {
        invocation.end(redis, answer)
      }
    }
    return [name, handle]
  })
  return { ...worker, ...Object.fromEntries(wrapped) }
}
