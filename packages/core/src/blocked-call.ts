import { backoffMs } from "./backoff.ts"
import { blockingWaitMs } from "./commands/blocking.ts"
import { keyPositions } from "./commands/keys.ts"
import { ConnectionError, type Fate } from "./errors.ts"
import { fateOf, noteFate } from "./fate-of.ts"
import type { How } from "./how.ts"
import { type Call, Command, type Terms } from "./pending.ts"
import type { PooledClient } from "./pooled-client.ts"
import { harmless } from "./stray.ts"

/** A command that waits on the server, on a lease of its own: the shared connection would wait with it. */
export class BlockedCall {
  readonly #client: PooledClient
  readonly #call: Call
  readonly #how: How | undefined
  readonly #terms: Terms
  #fate: Fate | undefined = "unsent"

  constructor(client: PooledClient, call: Call, how: How | undefined) {
    this.#client = client
    this.#call = call
    this.#how = how
    this.#terms = client.terms(how, blockingWaitMs(call.spec, call.args))
  }

  /** The caller's promise; `fateOf` knows it. */
  run(): Promise<unknown> {
    const { ledger } = this.#terms
    ledger.add()
    const promise = this.#repeat()
      .catch((error: unknown) => {
        noteFate(promise, error, this.#fate)
        throw error
      })
      .finally(() => ledger.done())
    return harmless(promise)
  }

  /** Tries until the server took the command, or the time is over. */
  async #repeat(): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt()
      } catch (error) {
        const leftMs = this.#client.leftMs(this.#terms)
        if (!this.#isUnsent(error) || leftMs <= 0) throw error
        await this.#client.pauses.begin(Math.min(leftMs, backoffMs(attempt)), this.#how?.signal)
      }
    }
  }

  async #attempt(): Promise<unknown> {
    const client = this.#client
    const timeoutMs = Math.min(
      this.#how?.timeoutMs ?? client.settings.commandTimeoutMs,
      client.leftMs(this.#terms),
    )
    const { spec, args } = this.#call
    const key = args[keyPositions(spec, args)[0] ?? -1]
    const lane = await client.lease({ ...this.#how, timeoutMs }, key, "a command's")
    const command = new Command(this.#call, this.#terms, lane)
    void client.enlist(lane, command, this.#how)
    try {
      return await command.promise
    } finally {
      this.#fate = fateOf(command.promise)
      void client.giveBack(lane)
    }
  }

  /** Whether the command did not run, for a reason that may pass. */
  #isUnsent(error: unknown): boolean {
    if (error instanceof ConnectionError) return this.#fate === "unsent"
    return error instanceof Error && this.#client.main.retries(error)
  }
}
