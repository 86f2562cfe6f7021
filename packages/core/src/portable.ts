import { Client } from "./client.ts"
import {
  type CommonOptions,
  type CommonSettings,
  commonOptionSpec,
  LONGEST_MS,
  transportOption,
} from "./common-options.ts"
import { integer, readOptions } from "./config/options.ts"
import { ConfigError } from "./errors.ts"
import type { LaneLimits } from "./exchange-lane.ts"
import type { MainLane } from "./lane.ts"
import { PortableClient } from "./portable-client.ts"
import type { PortableRedis } from "./redis.ts"
import type { Transport } from "./transport.ts"

/** What `createPortableRedis` takes. Every duration is in milliseconds. */
export interface PortableOptions extends CommonOptions {
  /** After as long a silence a write lets a PING go first. @defaultValue 500 */
  readonly validateAfterMs?: number | undefined
  /** Longest wait for the sign of life. @defaultValue 100 */
  readonly validateTimeoutMs?: number | undefined
}

/** The names of the options above, for platforms that pass them on. */
export const portableOptionSpec = {
  ...commonOptionSpec,
  validateAfterMs: integer(0, Number.POSITIVE_INFINITY, 500),
  validateTimeoutMs: integer(1, LONGEST_MS, 100),
} as const

/** A transport that brings its own lane. */
type LaneTransport = Transport & Required<Pick<Transport, "lane">>

const spec = {
  ...portableOptionSpec,
  transport: transportOption<LaneTransport>(
    "what upstashTransport gives, or a binding; createRedis takes others",
    "lane",
  ),
}

/** A client without connections of its own: its transport brings the lane. */
class LaneClient extends Client {
  readonly main: MainLane

  constructor(settings: CommonSettings & LaneLimits & { readonly transport: LaneTransport }) {
    super(settings, settings.validateTimeoutMs)
    this.main = settings.transport.lane(this.surroundings, settings)
  }
}

/**
 * Makes the client for runtimes that keep no connections: without pool, leases and subscriptions, and so half
 * the size. Its transport sends each batch as a request of its own.
 *
 * @throws ConfigError naming an option that is wrong, and the nearest right one.
 */
export function createPortableRedis(options: PortableOptions): PortableRedis {
  const client = makeClient(options)
  return new PortableClient(() => client)
}

/** The same, its options asked for when it is first used; what that throws, a command rejects with. */
export function lazyPortableRedis(options: () => PortableOptions): PortableRedis {
  if (typeof options !== "function")
    throw new ConfigError("lazyPortableRedis takes a function that gives the options")
  return new PortableClient(() => makeClient(options()))
}

function makeClient(options: PortableOptions): Client {
  return new LaneClient(readOptions("createPortableRedis", spec, options))
}
