import { first, roundTrip } from "./first.ts"
import { flood } from "./flood.ts"
import { load, pipelines } from "./load.ts"
import { seed } from "./seed.ts"
import { cpu, serve } from "./serve.ts"

/** Everything that a process with a client can be asked for. */
export const jobs = { cpu, first, flood, load, pipelines, roundTrip, seed, serve } as const

export type Jobs = typeof jobs
