import { type MakeCall, SEND } from "./call.ts"
import type { Client, How } from "./client.ts"
import { LeaseMethods } from "./command-methods.ts"
import { blockingWaitMs } from "./commands/blocking.ts"
import { PARTS, type Parts } from "./issue-all.ts"
import type { LeaseLane } from "./lease-lane.ts"
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

  get [PARTS](): Parts {
    return { client: this.#client, lane: this.#lane, how: this.#how }
  }

  pipeline(commands?: readonly (readonly unknown[])[]): Pipeline {
    return addAll(new CommandPipeline(this[PARTS]), commands)
  }

  multi(commands?: readonly (readonly unknown[])[]): Multi {
    return addAll(new CommandTransaction(this[PARTS]), commands)
  }

  release(): Promise<void> {
    return this.#client.giveBack(this.#lane)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  [SEND](makeCall: MakeCall): Promise<unknown> {
    try {
      const call = makeCall(this.#client.settings.keyPrefix)
      if (kindOf(call) === "stateful") this.#lane.note(call.spec)
      return this.#client.issue(this.#lane, call, this.#how, blockingWaitMs(call.spec, call.args))
    } catch (error) {
      return harmless(Promise.reject(error))
    }
  }
}
