import type { PortableRedis } from "@warmpool/core"
import { closeIdle } from "@warmpool/core/idle"
import { HoldingScope } from "@warmpool/core/scope"
import { Invocation } from "./invocation.ts"

/** The invocation of a client that opens connections, and hands out leases and subscriptions. */
export class HoldingInvocation extends Invocation {
  /** Until a handler runs nobody tells of the end: what a Durable Object holds would pile up for as long as it lives. */
  #held: HoldingScope | undefined

  override begin(signal: AbortSignal | undefined): void {
    this.#held ??= new HoldingScope(this.endsAt)
    super.begin(signal)
  }

  /** Runs `run` at the end of the handler, or of its answer. */
  onEnd(run: () => void): void {
    this.#held?.onEnd(run)
  }

  /** Closes what is open. A command that is sent all the same opens a connection, which the runtime closes. */
  protected override async finish(redis: PortableRedis, answer: unknown): Promise<void> {
    // A body that streams, or a WebSocket, may go on using what it holds: all of it ends with the invocation itself then.
    const streams = answer instanceof Response && (answer.body ?? Reflect.get(answer, "webSocket"))
    const goesOn = streams && this.#held?.hasHeld
    await redis.settled()
    if (goesOn) return
    this.#held?.end()
    await closeIdle(redis, "all")
  }
}
