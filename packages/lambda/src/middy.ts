import type { Redis } from "@warmpool/core"
import type { Invocation } from "./invocation.ts"
import { invocations } from "./invocations.ts"
import { beginInvocation, endInvocation, isContext } from "./lambda-context.ts"
import { type MiddyRequest, onEarlyAnswer } from "./middy/early-answer.ts"
import { answerPing, type Ping, readPing } from "./warmer/ping.ts"
import { checkClient } from "./with-redis.ts"

export type { MiddyRequest }

/** What `middy().use` takes. */
export interface RedisMiddleware {
  readonly name: string
  before(request: MiddyRequest): Promise<unknown> | undefined
  after(request: MiddyRequest): Promise<void>
  onError(request: MiddyRequest): Promise<void>
}

/**
 * Makes a middleware that does for a middy handler what `withRedis` does for others. Use it first, so that the commands
 * of the other middlewares belong to the invocation too. An answer that one of them gives early is held until every
 * command has settled.
 *
 * @throws ConfigError if `redis` is not a client.
 */
export function withRedis(redis: Redis): RedisMiddleware {
  checkClient(redis)
  const running = new WeakMap<MiddyRequest, Invocation>()
  const end = async (request: MiddyRequest): Promise<void> => {
    const invocation = running.get(request)
    if (!invocation) return
    running.delete(request)
    await endInvocation(invocation, redis)
    invocations.leave(invocation)
  }
  const pong = async (request: MiddyRequest, invocation: Invocation, ping: Ping): Promise<unknown> => {
    const answer = await answerPing(ping, [redis], invocation.endsAt)
    await end(request)
    return answer
  }
  return {
    name: "warmpool",
    // Not an async function: what it enters must be the caller's own.
    before(request) {
      const context = isContext(request.context) ? request.context : undefined
      if (context && invocations.current?.context === context) return undefined
      const invocation = beginInvocation(context)
      running.set(request, invocation)
      invocations.enter(invocation)
      const ping = readPing(request.event)
      if (ping !== undefined) return pong(request, invocation, ping)
      onEarlyAnswer(request, () => end(request))
      return undefined
    },
    after: end,
    onError: end,
  }
}
