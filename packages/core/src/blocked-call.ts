import { backoffMs } from "./backoff.ts"
import { blockingWaitMs } from "./commands/blocking.ts"
import { keyPositions } from "./commands/keys.ts"
import { ConnectionError, type Fate } from "./errors.ts"
import { fateOf, noteFate } from "./fate-of.ts"
import type { How } from "./how.ts"
import { type Call, Command } from "./pending.ts"
import type { PooledClient } from "./pooled-client.ts"
import { harmless } from "./stray.ts"

/**
 * Runs a command that waits on the server on a lease of its own: the shared connection would wait with it. Tries until
 * the server took it, or the time is over. Gives the caller's promise; `fateOf` knows it.
 */
export function runBlocking(client: PooledClient, call: Call, how: How | undefined): Promise<unknown> {
  const { spec, args } = call
  const terms = client.terms(how, blockingWaitMs(spec, args))
  const key = args[keyPositions(spec, args)[0] ?? -1]
  let fate: Fate | undefined = "unsent"

  const attempt = async (): Promise<unknown> => {
    const timeoutMs = Math.min(how?.timeoutMs ?? client.settings.commandTimeoutMs, client.leftMs(terms))
    const lane = await client.lease({ ...how, timeoutMs }, key, "a command's")
    const promise = client.enlist(lane, new Command(call, terms, lane), how)
    try {
      return await promise
    } finally {
      fate = fateOf(promise)
      void client.giveBack(lane)
    }
  }
  // A loop: of calls that await each other, one that waits for ever would keep every try.
  const repeat = async (): Promise<unknown> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt()
      } catch (error) {
        const leftMs = client.leftMs(terms)
        // Whether the command did not run, for a reason that may pass.
        const mayPass =
          error instanceof ConnectionError
            ? fate === "unsent"
            : error instanceof Error && client.main.retries(error)
        if (!mayPass || leftMs <= 0) throw error
        await client.pauses.begin(Math.min(leftMs, backoffMs(tried)), how?.signal)
      }
    }
  }

  terms.ledger.add()
  const promise = repeat()
    .catch((error: unknown) => {
      noteFate(promise, error, fate)
      throw error
    })
    .finally(() => terms.ledger.done())
  return harmless(promise)
}
