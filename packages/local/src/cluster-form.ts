import { viewOf } from "./cluster-view.ts"
import type { OwnRedis } from "./own-redis.ts"
import type { Topology } from "./topology.ts"

const SLOTS = 16_384
export const MASTERS = 3

/**
 * Makes a cluster of fresh servers: the first three become masters with a third of the slots each, the others their
 * replicas. Everybody meets everybody, which is faster than gossip by seconds.
 */
export async function formCluster(servers: readonly OwnRedis[], topology: Topology): Promise<void> {
  const views = await Promise.all(servers.map(viewOf))
  // Epochs of their own from the start: masters with equal ones would have to settle that first.
  await Promise.all(servers.map((server, at) => server.command("CLUSTER", "SET-CONFIG-EPOCH", at + 1)))
  await Promise.all(servers.slice(0, MASTERS).map(assignSlots))
  const meetings = servers.flatMap((server, at) =>
    views
      .slice(at + 1)
      .map(({ self }) => server.command("CLUSTER", "MEET", server.host, self.port, self.busPort)),
  )
  await Promise.all(meetings)
  const attached = servers.slice(MASTERS).map((replica, at) => {
    const master = views[at]?.self.id ?? ""
    // Refused until the handshake with the master is done.
    return topology.until("the replica knows its master", async () => {
      await replica.command("CLUSTER", "REPLICATE", master)
      return undefined
    })
  })
  await Promise.all(attached)
}

async function assignSlots(master: OwnRedis, at: number): Promise<void> {
  const first = Math.ceil((SLOTS * at) / MASTERS)
  const last = Math.ceil((SLOTS * (at + 1)) / MASTERS) - 1
  await master.command("CLUSTER", "ADDSLOTSRANGE", first, last)
}
