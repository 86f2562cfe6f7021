import { ConfigError, type Connection, type Transport } from "@warmpool/core"
import { BindingLane } from "./binding-lane.ts"
import { NO_POOL } from "./call-error.ts"
import type { PoolService } from "./service.ts"

/** Opens a connection for a lease. */
export type OpenSession = (service: PoolService, shard: number, now: () => number) => Connection

/**
 * A transport through a `RedisBinding`: a call for each batch, a session of its own for each lease. All of a client goes
 * through one shard, so that its commands keep their order.
 *
 * @throws ConfigError if `service` takes no such calls.
 */
export function bindingTransport(service: PoolService, openSession?: OpenSession): Transport {
  // A service binding has every method there is, where it has any.
  if (typeof service.exchange !== "function") throw new ConfigError(NO_POOL)
  const shard = Math.random()
  // The clock of the client that takes this transport, which asks for its lane before anything else.
  let now = (): number => 0
  return {
    traits: { persistent: false, leases: true, maxRequests: 10_000, maxBytes: 8_000_000 },
    lane(surroundings, limits) {
      now = () => surroundings.deadlines.now()
      return new BindingLane(surroundings, limits, async (batch) => service.exchange(shard, batch))
    },
    // Only a client with leases connects, and its entry says how.
    connect: async () => openSession?.(service, shard, now) as Connection,
  }
}
