import type { Bench } from "../bench.ts"
import { coldStart } from "./cold-start.ts"
import { connections } from "./connections.ts"
import { gateway } from "./gateway.ts"
import { http } from "./http.ts"
import { memory } from "./memory.ts"
import { pipeline } from "./pipeline.ts"
import { rest } from "./rest.ts"
import { seed } from "./seed.ts"
import { size } from "./size.ts"
import { thaw } from "./thaw.ts"
import { throughput } from "./throughput.ts"
import { workerd } from "./workerd.ts"
import { workers } from "./workers.ts"

/** The benches by the name that `npm run bench -- <name>` takes, in the order of the report. */
export const benches: Readonly<Record<string, Bench>> = {
  throughput,
  http,
  pipeline,
  "cold-start": coldStart,
  thaw,
  connections,
  size,
  memory,
  rest,
  gateway,
  workerd,
  workers,
  seed,
}
