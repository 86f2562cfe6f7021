import { ConfigError, lazyRedis, type Redis, type RedisOptions, type Transport } from "@warmpool/core"
import { closeIdle, isOpen } from "@warmpool/core/idle"
import { socketTransport } from "@warmpool/socket"
import { upstashTransport } from "@warmpool/upstash/transport"
import type { Made } from "./clients.ts"
import type { Environment } from "./environment.ts"
import { vercelHost } from "./host.ts"
import { Idling } from "./idling.ts"
import type { Instance } from "./instance.ts"
import type { VercelSettings } from "./options.ts"

/** What a client needs of the process it is in. */
export interface Surroundings {
  readonly instance: Instance
  readonly environment: () => Environment
}

/** Makes a client that looks for its server when it is first used. */
export function makeClient(settings: VercelSettings, { instance, environment }: Surroundings): Made {
  const redis: Redis = lazyRedis((): RedisOptions => {
    const variables = environment()
    const transport = openWay(settings, environment)
    const { onIdle, lingerMs } = settings
    const idling =
      onIdle === "keep" || !transport.traits.persistent ? undefined : new Idling(redis, { onIdle, lingerMs })
    if (settings.closeOnShutdown && variables["VERCEL"] !== undefined) instance.shutdown.close(redis)
    return { ...settings.core, transport, host: vercelHost(instance.requests, idling) }
  })
  return { redis, isOpen: () => isOpen(redis), closeIdle: () => closeIdle(redis, "all") }
}

function openWay(settings: VercelSettings, environment: () => Environment): Transport {
  try {
    const way = settings.locate(environment())
    if (way.by === "transport") return way.transport
    if (way.by === "tcp") return socketTransport(way.endpoint)
    return upstashTransport({ url: way.url, token: way.token })
  } catch (error) {
    if (error instanceof ConfigError) return openLater(settings, environment)
    throw error
  }
}

/** For a client that is used before it is known where the server is: each connect looks again, or says what is missing. */
function openLater(settings: VercelSettings, environment: () => Environment): Transport {
  const { traits } = socketTransport({ host: "localhost" })
  const connect: Transport["connect"] = async (options) => {
    const way = settings.locate(environment())
    if (way.by === "tcp") return socketTransport(way.endpoint).connect(options)
    throw new ConfigError("createRedis: the client was used before the environment said where the server is")
  }
  return { traits, connect }
}
