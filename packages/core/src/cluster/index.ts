export { ClusterLane } from "./cluster-lane.ts"
export { type Redirect, redirectOf } from "./redirect.ts"
export type { ClusterRoutes, Topology } from "./routes.ts"
export { SLOTS, slotOf } from "./slot.ts"
