import type { Connection, Traits, Transport } from "@warmpool/core"
import { ClusterLane } from "@warmpool/core/cluster"
import type { ClusterTarget } from "./cluster-target.ts"
import { NodeConnection } from "./node-connection.ts"
import { openConnection } from "./open-connection.ts"
import { IoredisTopology } from "./topology.ts"

/** Connects to the nodes of a cluster, of which ioredis keeps the table of slots. */
export function clusterTransport(target: ClusterTarget, traits: Traits): Transport {
  const topology = new IoredisTopology(target)

  async function connect({ signal, node }: { signal: AbortSignal; node?: string }): Promise<Connection> {
    if (node === undefined && topology.nodes.length === 0) await topology.refresh()
    const address = node ?? topology.nodes[0] ?? ""
    const watch = {
      host: address.slice(0, address.lastIndexOf(":")),
      onMoved: (slot: number, told: string) => topology.moved(slot, told),
    }
    try {
      return await openConnection(
        target.node(address),
        signal,
        (stream, codec) => new NodeConnection(stream, codec, watch),
      )
    } catch (error) {
      // Whoever can't be reached may have been replaced.
      topology.refresh().catch(() => undefined)
      throw error
    }
  }

  return {
    traits,
    connect,
    cluster: {
      topology,
      lane: (surroundings, options) => new ClusterLane(surroundings, options, topology),
    },
  }
}
