import type { Surroundings } from "../lane.ts"
import type { SharedLaneOptions } from "../replacing-lane.ts"
import type { ClusterLane } from "./cluster-lane.ts"

/** Which node of a cluster serves which slot, as far as this process knows. */
export interface Topology {
  /** The masters' addresses, `host:port`; none before the first refresh. */
  readonly nodes: readonly string[]
  /** The address of a slot's master; undefined where nobody is known to serve it. */
  nodeOf(slot: number): string | undefined
  /** The address under which this process reaches a node that calls itself so. */
  reach(told: string): string
  /**
   * Asks the cluster. Calls at the same time are one.
   *
   * @throws ConnectionError when no node answers; ReplyError when they refuse the login.
   */
  refresh(): Promise<void>
  /** Adds a listener for any change; gives a function that removes it. */
  onChange(listener: () => void): () => void
}

/** How the requests of a client find their nodes. */
export interface ClusterRoutes {
  readonly topology: Topology
  /** Makes the lane of a client's ordinary commands: `new ClusterLane(…)` of `@warmpool/core/cluster`. */
  lane(surroundings: Surroundings, options: SharedLaneOptions): ClusterLane
}
