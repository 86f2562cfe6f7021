import type { ClientName } from "./clients/open-client.ts"
import type { Effort } from "./effort.ts"

/** One client under a name of the report. */
export interface Contestant {
  readonly name: string
  readonly client: ClientName
}

export const OURS = "warmpool"
/** The same once more: what differs between the two is noise. */
export const CONTROL = "warmpool, again"
/** The fastest peer: node-redis without its one timer a command. */
export const FASTEST = "node-redis, no timeout"

export const ours: Contestant = { name: OURS, client: "warmpool" }
export const control: Contestant = { name: CONTROL, client: "warmpool" }
export const ioredis: Contestant = { name: "ioredis", client: "ioredis" }
const pipelining: Contestant = { name: "ioredis, auto-pipelining", client: "ioredis-pipelining" }
export const nodeRedis: Contestant = { name: "node-redis", client: "node-redis" }
export const untimed: Contestant = { name: FASTEST, client: "node-redis-untimed" }
export const glide: Contestant = { name: "valkey-glide", client: "valkey-glide" }

/** Everybody, the control included. */
export const everybody = [ours, control, ioredis, pipelining, nodeRedis, untimed, glide] as const

const FEW: readonly Contestant[] = [ours, ioredis, untimed]

/** Those of the contestants that take part. */
export function entrants(
  { entrants: who }: Effort,
  contestants: readonly Contestant[],
): readonly Contestant[] {
  if (who === "everybody") return contestants
  return contestants.filter(({ name }) => FEW.some((one) => one.name === name))
}
