import { ConfigError, type PortableRedis } from "@warmpool/core"
import type { Bound, ClientKit, OptionsOrMake } from "./client-kit.ts"
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

/** See `withRedis`. */
export function wrapWorker<R extends PortableRedis, O extends object, Env, Message>(
  kit: ClientKit<R, O>,
  worker: RedisWorker<R, Env, Message>,
  options: OptionsOrMake<O, Env> | undefined,
): ExportedHandler<Env, Message> {
  const handlers = HANDLERS.filter((name) => typeof worker?.[name] === "function")
  if (handlers.length === 0) {
    throw new ConfigError(
      `withRedis takes a Worker: an object with ${HANDLERS.join(", ")}, at least one of them`,
    )
  }
  kit.check(options)
  const wrapped = handlers.map((name) => {
    const handler = worker[name] as unknown as Handler
    const call = (event: unknown, env: object, ctx: InvocationContext): Promise<unknown> =>
      run(kit.bind(env, ctx, options as OptionsOrMake<O, never>), event, (redis) =>
        handler.call(worker, event, env, ctx, redis),
      )
    return [name, async (event: unknown, env: object, ctx: InvocationContext) => call(event, env, ctx)]
  })
  return { ...worker, ...Object.fromEntries(wrapped) }
}

/** Runs a handler; what it did not wait for is finished after it, while the runtime keeps the invocation alive. */
async function run<R extends PortableRedis>(
  bound: Bound<R>,
  event: unknown,
  handler: (redis: R) => unknown,
): Promise<unknown> {
  const { redis, invocation } = bound
  const signal = signalOf(event)
  const stopListening = signal && invocation.abortWith(signal)
  let answer: unknown
  try {
    answer = await handler(redis)
    return answer
  } finally {
    stopListening?.()
    invocation.track(finish(bound, answer))
  }
}

/** A body that streams may go on using what it holds: then all of it ends with the invocation itself. */
async function finish<R extends PortableRedis>(
  { redis, invocation, close }: Bound<R>,
  answer: unknown,
): Promise<void> {
  await redis.settled()
  if (answer instanceof Response && answer.body !== null && invocation.holdsAny) return
  invocation.end()
  close()
}

function signalOf(event: unknown): AbortSignal | undefined {
  if (!(event instanceof Request)) return undefined
  return event.signal instanceof AbortSignal ? event.signal : undefined
}
