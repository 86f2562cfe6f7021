import { methodCall, namedCall, SEND } from "./call.ts"
import type { Client, How } from "./client.ts"
import { LeaseMethods } from "./command-methods.ts"
import { blockingWaitMs } from "./commands/blocking.ts"
import type { CommandSpec } from "./commands/table.ts"
import type { LeaseLane } from "./lease-lane.ts"
import type { Call } from "./pending.ts"
import { addAll, CommandPipeline, CommandTransaction } from "./pipeline.ts"
import type { Lease, Multi, Pipeline } from "./redis.ts"
import { kindOf } from "./refusals.ts"
import { harmless } from "./stray.ts"

/** The lease users hold. */
export class ClientLease extends LeaseMethods implements Lease {
  readonly #client: Client
  readonly #lane: LeaseLane
  readonly #how: How | undefined

  constructor(client: Client, lane: LeaseLane, how: How | undefined) {
    super()
    this.#client = client
    this.#lane = lane
    this.#how = how
  }

  get connection(): { readonly id: number } {
    return { id: this.#lane.entry.id }
  }

  override call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#attempt(() => namedCall(name, "text", { args, prefix: this.#client.settings.keyPrefix }))
  }

  override callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#attempt(() => namedCall(name, "bytes", { args, prefix: this.#client.settings.keyPrefix }))
  }

  pipeline(commands?: readonly (readonly unknown[])[]): Pipeline {
    return addAll(new CommandPipeline({ client: this.#client, lane: this.#lane, how: this.#how }), commands)
  }

  multi(commands?: readonly (readonly unknown[])[]): Multi {
    return addAll(
      new CommandTransaction({ client: this.#client, lane: this.#lane, how: this.#how }),
      commands,
    )
  }

  release(): Promise<void> {
    return this.#client.giveBack(this.#lane)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: unknown[]): Promise<unknown> {
    return this.#attempt(() => methodCall(spec, decode, { args, prefix: this.#client.settings.keyPrefix }))
  }

  #attempt(makeCall: () => Call): Promise<unknown> {
    try {
      const call = makeCall()
      if (kindOf(call) === "stateful") this.#lane.note(call.spec)
      return this.#client.issue(this.#lane, call, this.#how, blockingWaitMs(call.spec, call.args))
    } catch (error) {
      return harmless(Promise.reject(error))
    }
  }
}
