import { DurableObject } from "cloudflare:workers"
import { createRedis, type Redis, UnsupportedCommandError } from "@warmpool/core"
import { laneOf } from "@warmpool/core/lane"
import { socketTransport } from "@warmpool/socket/workerd"
import type { Heard, Listening, Opened, SessionStub } from "../service/service.ts"
import { packError, type WireAnswer, type WireBatch, type WireError } from "../service/wire.ts"
import { answer } from "./answer.ts"
import { isDirect } from "./direct-commands.ts"
import { Leash } from "./leash.ts"
import { hear } from "./messages.ts"
import { shareOf } from "./patience.ts"
import { type PoolEnv, readPoolEnv } from "./pool-env.ts"
import { PoolSession } from "./session.ts"

/** What a method of the client came to. */
export type Result = { readonly reply: unknown } | { readonly error: WireError }

/**
 * The Durable Object that keeps connections warm for all Workers that are bound to it. They outlive the requests that
 * opened them, and end with the object: evicted, it opens them anew with the next command.
 */
export class RedisPool extends DurableObject<PoolEnv> {
  readonly #redis: Redis

  constructor(ctx: DurableObjectState, env: PoolEnv) {
    super(ctx, env)
    const { endpoint, limits } = readPoolEnv(env)
    this.#redis = createRedis({ ...limits, transport: socketTransport(endpoint) })
  }

  exchange(batch: WireBatch): Promise<WireAnswer> {
    return answer(laneOf(this.#redis), batch)
  }

  async open(patienceMs: number): Promise<Opened> {
    try {
      const timeoutMs = shareOf(patienceMs)
      const redis = timeoutMs === undefined ? this.#redis : this.#redis.with({ timeoutMs })
      const lease = await redis.acquire()
      // Through the stub they look as the caller sees them.
      const session: unknown = new PoolSession(lease)
      return { session: session as SessionStub, leash: new Leash(() => void lease.release()) }
    } catch (error) {
      return { refused: packError(error) }
    }
  }

  listen(listening: Listening): Promise<Heard> {
    return hear(this.#redis, listening)
  }

  /** Calls a command's method of the client; what it gives or throws crosses as data. */
  async command(method: string, args: readonly unknown[]): Promise<Result> {
    try {
      // Whoever binds the namespace calls this without the entrypoint, which has commands only.
      if (!isDirect(method)) throw new UnsupportedCommandError("this is no command: the pool runs no other")
      const found: unknown = Reflect.get(this.#redis, method)
      return { reply: await Reflect.apply(found as (...args: unknown[]) => unknown, this.#redis, [...args]) }
    } catch (error) {
      return { error: packError(error) }
    }
  }
}
