import { ConfigError, type Transport } from "@warmpool/core"
import { readOptions, text } from "@warmpool/core/config"
import { type PortableOptions, portableOptionSpec } from "@warmpool/core/portable"
import { upstashTransport } from "@warmpool/upstash/transport"

/** What `createRedis` takes in the Edge runtime. */
export interface EdgeRedisOptions extends Omit<PortableOptions, "transport" | "host"> {
  /** The server's REST endpoint, an `https:` URL. */
  readonly url?: string | undefined
  /** Its REST token. */
  readonly token?: string | undefined
  /** Another way to the server, in place of `url` and `token`. */
  readonly transport?: Transport | undefined
}

const { host: _runtime, ...coreSpec } = portableOptionSpec

const spec = { ...coreSpec, url: text(), token: text() }

/** The options of core, with a transport if they name a server. */
export type EdgeSettings = Omit<PortableOptions, "transport" | "host"> & Pick<EdgeRedisOptions, "transport">

/**
 * Checks options. Where the server is may be found later.
 *
 * @throws ConfigError for a wrong option.
 */
export function readEdgeOptions(options: EdgeRedisOptions): EdgeSettings {
  const { url, token, ...core } = readOptions("createRedis", spec, options)
  if (url === undefined && token === undefined) return core
  if (url === undefined || token === undefined || core.transport)
    throw new ConfigError("createRedis: url and token go together, and transport is in place of both")
  return { ...core, transport: upstashTransport({ url, token }) }
}
