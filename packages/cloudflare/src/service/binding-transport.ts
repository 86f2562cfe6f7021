import { ConfigError, type Connection, type Transport } from "@warmpool/core"
import { ExchangeLane, type Exchanger } from "@warmpool/core/exchange"
import { BIND_POOL } from "./call-error.ts"
import { deliver, type Flight, fail, wireBatch } from "./flight.ts"
import type { PoolService } from "./service.ts"
import type { WireAnswer } from "./wire.ts"

const NO_RPC = `env.REDIS is no service binding with RPC: in wrangler.jsonc write "compatibility_date": "2024-04-03" or later, and ${BIND_POOL}`

/** Opens a connection for a lease. */
export type OpenSession = (service: PoolService, shard: number, now: () => number) => Connection

/**
 * A transport through a `RedisBinding`: a call for each batch, a session of its own for each lease. All of a client goes
 * through one shard, so that its commands keep their order.
 *
 * @throws ConfigError if `service` takes no such calls.
 */
export function bindingTransport(service: PoolService, openSession: OpenSession): Transport {
  // A service binding has every method there is, where it has any.
  if (typeof service?.exchange !== "function") throw new ConfigError(NO_RPC)
  const shard = Math.random()
  // The clock of the client that takes this transport, which asks for its lane before anything else.
  let now = (): number => 0
  const exchange: Exchanger["exchange"] = async (batch) => {
    const flight = batch as Flight
    let answer: WireAnswer
    try {
      answer = await service.exchange(shard, wireBatch(flight, now()))
    } catch (error) {
      fail(flight, error)
      return
    }
    deliver(flight, answer)
  }
  return {
    traits: { persistent: false, leases: true, maxRequests: 10_000, maxBytes: 8_000_000 },
    lane(surroundings, limits) {
      now = () => surroundings.deadlines.now()
      // A call has no socket that could have died unnoticed: it fails by itself.
      const patient = { ...limits, validateAfterMs: Number.POSITIVE_INFINITY }
      return new ExchangeLane(surroundings, patient, { exchange })
    },
    connect: async () => openSession(service, shard, now),
  }
}
