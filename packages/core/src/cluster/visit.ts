import { makeCall } from "../call.ts"
import type { Client } from "../client.ts"
import { toArgs } from "../commands/arguments.ts"
import { specOf } from "../commands/table.ts"
import type { How } from "../how.ts"
import { type ScanKeysOptions, type Scanned, scanElements } from "../iterators.ts"
import { PING } from "../portable-client.ts"
import type { ClusterLane } from "./cluster-lane.ts"

const SCAN = specOf("scan")

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
    const call: Scanned["call"] = (_, ...args) =>
      client.issue(lane, makeCall(SCAN, "text", toArgs(SCAN, args)), how)
    yield* scanElements({ call }, { name: "scan", key: [], options })
  }
}
