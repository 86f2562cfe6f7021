import { createRedis, type Transport } from "@warmpool/core"
import { serveGateway } from "@warmpool/gateway/node"
import { ioredisTransport } from "@warmpool/ioredis"
import { socketTransport } from "@warmpool/socket"
import { upstashTransport } from "@warmpool/upstash/transport"

/** One way to a server, as the suites run through it. */
export interface TransportCase {
  readonly name: string
  open(url: string): Transport
  /** Starts what speaks for the server where the transport does not speak with it itself. */
  front?(url: string): Promise<Front>
}

/** What stands between a transport and its server. */
export interface Front {
  /** What `open` takes. */
  readonly url: string
  close(): Promise<void>
}

/** Every transport that speaks RESP to a server. */
export const transports: readonly TransportCase[] = [
  { name: "socket", open: (url) => socketTransport({ url }) },
  { name: "ioredis", open: (url) => ioredisTransport(url) },
]

/** The token of the gateways that are started here. */
export const GATEWAY_TOKEN = "planted-token"
/** What the gateway refuses unless its operator lists it. */
const LISTED = `acl backup bgrewriteaof bgsave blpop client cluster commandlog config debug failover hotkeys lastsave
  latency migrate module pfdebug pfselftest replicaof restore-asking role save sentinel slaveof slowlog swapdb trimslots`

/** Starts a gateway in front of a server, for tests that let it do everything. */
async function startFront(url: string): Promise<Front> {
  const patience = 20_000
  const redis = createRedis({
    transport: socketTransport({ url }),
    commandTimeoutMs: patience,
    acquireTimeoutMs: patience,
    connectTimeoutMs: patience,
  })
  const tokens = [{ token: GATEWAY_TOKEN, commands: ["*", ...LISTED.split(/\s+/)] }]
  const gateway = await serveGateway({ redis, tokens, port: 0, drainGraceMs: 0, signals: [] })
  return {
    url: gateway.url,
    async close() {
      await gateway.drain()
      await redis.close()
    },
  }
}

/**
 * The REST protocol, through our gateway. The suites of faults and of leases leave it out: they make faults in RESP
 * and ask for connections of their own; `http/` has their like.
 */
export const overGateway: readonly TransportCase[] = [
  {
    name: "upstash over gateway",
    open: (url) => upstashTransport({ url, token: GATEWAY_TOKEN }),
    front: startFront,
  },
  {
    name: "upstash over gateway, in JSON by fetch",
    open: (url) => upstashTransport({ url, token: GATEWAY_TOKEN, resp2: false, fetch: globalThis.fetch }),
    front: startFront,
  },
]

/** Every transport. */
export const allTransports: readonly TransportCase[] = [...transports, ...overGateway]

/** The transport of a fixture, which is told its name by the test that starts it. */
export function transportNamed(name: string | undefined): TransportCase {
  const found = transports.find((transport) => transport.name === name)
  if (found === undefined) throw new Error(`there is no transport ${name}`)
  return found
}
