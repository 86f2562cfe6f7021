import { ConfigError, type Connection, ConnectionError, type Transport } from "@warmpool/core"
import { ExchangeLane } from "@warmpool/core/exchange"
import { callError } from "./call-error.ts"
import { RpcConnection } from "./rpc-connection.ts"
import type { Opened, PoolService } from "./service.ts"
import { unpackError } from "./wire.ts"

const NO_RPC =
  'env.REDIS is no service binding with RPC: in wrangler.jsonc write "compatibility_date": "2024-04-03" or later, and "services": [{ "binding": "REDIS", "service": "<the pool Worker>", "entrypoint": "RedisBinding" }]'

/**
 * A transport through a `RedisBinding`: a call for each batch, a session of its own for each lease. All of a client goes
 * through one shard, so that its commands keep their order.
 *
 * @throws ConfigError if `service` takes no such calls.
 */
export function bindingTransport(service: PoolService): Transport {
  // A service binding has every method there is, where it has any.
  if (typeof service?.exchange !== "function") throw new ConfigError(NO_RPC)
  const shard = Math.random()
  return {
    traits: { persistent: false, leases: true, maxRequests: 10_000, maxBytes: 8_000_000 },
    lane: (surroundings, limits) =>
      new ExchangeLane(
        surroundings,
        limits,
        new RpcConnection({ exchange: (batch) => service.exchange(shard, batch) }),
      ),
    connect: ({ signal }) => openSession(service, shard, signal),
  }
}

async function openSession(service: PoolService, shard: number, signal: AbortSignal): Promise<Connection> {
  const opened = await orAbort(service.open(shard), signal)
  if ("refused" in opened) throw unpackError(opened.refused)
  const { session } = opened
  return new RpcConnection({
    exchange: (batch) => session.exchange(batch),
    dispose: () => session[Symbol.dispose](),
  })
}

/** Gives a session back that comes too late. */
function orAbort(opening: Promise<Opened>, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(new ConnectionError("the lease was given up before it was there", { fate: "unsent" }))
      opening.then(letGo, () => undefined)
    }
    if (signal.aborted) {
      onAbort()
      return
    }
    signal.addEventListener("abort", onAbort, { once: true })
    opening
      .finally(() => signal.removeEventListener("abort", onAbort))
      .then(resolve, (cause: unknown) => reject(callError("no lease in the pool", cause)))
  })
}

function letGo(opened: Opened): void {
  if ("session" in opened) opened.session[Symbol.dispose]()
}
