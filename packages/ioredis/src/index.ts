export type { ClusterTargetOptions } from "./cluster-target.ts"
export type { SentinelTargetOptions } from "./sentinel-target.ts"
export type { IoredisOptions, IoredisTarget } from "./target.ts"
export { ioredisTransport } from "./transport.ts"
