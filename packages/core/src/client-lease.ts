import { SEND } from "./call.ts"
import { LeaseMethods } from "./command-methods.ts"
import { blockingWaitMs } from "./commands/blocking.ts"
import type { CommandSpec } from "./commands/table.ts"
import type { How } from "./how.ts"
import { PARTS, type Parts } from "./issue-all.ts"
import { kindOf } from "./kind.ts"
import type { LeaseLane } from "./lease-lane.ts"
import { makeMulti, makePipeline } from "./pipeline.ts"
import type { PooledClient } from "./pooled-client.ts"
import type { Lease, Multi, Pipeline } from "./redis.ts"
import { unsendableError } from "./refusals.ts"
import { rejected } from "./stray.ts"

/** The lease users hold. */
export class ClientLease extends LeaseMethods implements Lease {
  readonly #client: PooledClient
  readonly #lane: LeaseLane
  readonly #how: How | undefined

  constructor(client: PooledClient, lane: LeaseLane, how: How | undefined) {
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
    return makePipeline(this[PARTS], commands)
  }

  multi(commands?: readonly (readonly unknown[])[]): Multi {
    return makeMulti(this[PARTS], commands)
  }

  release(): Promise<void> {
    return this.#client.giveBack(this.#lane)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: readonly unknown[]): Promise<unknown> {
    try {
      const call = this.#client.callOf(spec, decode, args)
      const kind = kindOf(call)
      if (kind === "unsendable") throw unsendableError(call)
      if (kind === "stateful") this.#lane.note(call.spec)
      return this.#client.issue(this.#lane, call, this.#how, blockingWaitMs(call.spec, call.args))
    } catch (error) {
      return rejected(error)
    }
  }
}
