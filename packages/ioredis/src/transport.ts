import type { Traits, Transport } from "@warmpool/core"
import { clusterTransport } from "./cluster-transport.ts"
import { openConnection } from "./open-connection.ts"
import { type IoredisTarget, readTarget } from "./target.ts"

const TRAITS: Traits = {
  persistent: true,
  leases: true,
  maxRequests: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
}

/**
 * Connects through ioredis: to one server, to the master that sentinels name, or to a cluster, whose nodes ioredis finds.
 * A client that is given serves as a model: each connection has a duplicate of its own, and the client itself is left
 * alone.
 *
 * @throws ConfigError if an option is wrong, or two contradict.
 */
export function ioredisTransport(target: IoredisTarget): Transport {
  const read = readTarget(target)
  if ("node" in read) return clusterTransport(read, TRAITS)
  return { traits: TRAITS, connect: ({ signal }) => openConnection(read, signal) }
}
