import { ConfigError, type Transport } from "@warmpool/core"
import { readOptions, text } from "@warmpool/core/config"
import { type PortableOptions, portableOptionSpec } from "@warmpool/core/portable"
import { upstashTransport } from "@warmpool/upstash/transport"
import { type Environment, findServer } from "../environment.ts"

/** What `createRedis` takes in the Edge runtime. */
export interface EdgeRedisOptions extends Omit<PortableOptions, "transport" | "host"> {
  /** The server's REST endpoint, an `https:` URL. */
  readonly url?: string | undefined
  /** Its REST token. */
  readonly token?: string | undefined
  /** Another way to the server, in place of `url` and `token`. */
  readonly transport?: Transport | undefined
}

const WHERE = "createRedis"

const { host: _runtime, ...coreSpec } = portableOptionSpec

const spec = { ...coreSpec, url: text(), token: text() }

/** Options by who takes them. */
export interface EdgeSettings {
  readonly core: Omit<PortableOptions, "transport" | "host">
  /** Makes the transport, for the server of the environment if the options name none. Throws ConfigError. */
  open(environment: Environment): Transport
}

/**
 * Checks options. Where the server is may be found later.
 *
 * @throws ConfigError for a wrong option.
 */
export function readEdgeOptions(options: EdgeRedisOptions): EdgeSettings {
  const { transport, url, token, ...core } = readOptions(WHERE, spec, options)
  if ((url === undefined) !== (token === undefined)) {
    throw new ConfigError(
      `${WHERE}: url and token go together: the REST endpoint of the server, and its token`,
    )
  }
  if (transport && url)
    throw new ConfigError(`${WHERE}: transport already says where the server is: leave out url`)
  const given = transport ?? (url && token && upstashTransport({ url, token }))
  return {
    core,
    open: (environment) => given || upstashTransport(endpointOf(environment)),
  }
}

function endpointOf(environment: Environment): { readonly url: string; readonly token: string } {
  const found = findServer(environment, "http")
  return { url: found.url, token: found.by === "http" ? found.token : "" }
}
