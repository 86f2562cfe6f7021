import { namedCall } from "../call.ts"
import type { Client } from "../client.ts"
import type { How } from "../how.ts"
import { type ScanKeysOptions, type Step, scanElements } from "../iterators.ts"
import { PING } from "../portable-client.ts"
import type { ClusterLane } from "./cluster-lane.ts"

/** Opens the connection to every master, or validates the one there is. */
export async function meetNodes(cluster: ClusterLane, client: Client, how: How | undefined): Promise<void> {
  // The first of all finds out who they are.
  const first = client.issue(cluster, PING, how)
  if (cluster.lanes.length === 0) await first
  const others = cluster.lanes.map((lane) => client.issue(lane, PING, how))
  await Promise.all([first, ...others])
}

/** Walks the keys of every master. */
export async function* scanNodes(
  cluster: ClusterLane,
  client: Client,
  { how, options }: { readonly how: How | undefined; readonly options: ScanKeysOptions | undefined },
): AsyncGenerator<string, void, undefined> {
  await meetNodes(cluster, client, how)
  for (const lane of cluster.lanes) {
    const step: Step = (name, args) =>
      client.issue(lane, namedCall(name, "text", { args: [...args], prefix: "" }), how)
    yield* scanElements(step, { name: "scan", key: [], options })
  }
}
