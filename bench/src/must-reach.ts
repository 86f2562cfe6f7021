import { COLD, COLD_WITH_HTTP } from "./benches/cold-start.ts"
import { ONE_COMMAND, ONE_P99, PIPELINES, WEBDIS } from "./benches/gateway.ts"
import { SERVED } from "./benches/http.ts"
import { FLOOD } from "./benches/memory.ts"
import { BENCHMARK, PIPELINED } from "./benches/pipeline.ts"
import { OURS_BY_FETCH, overHttp, UPSTASH } from "./benches/rest.ts"
import { FUNCTION, WORKER } from "./benches/size.ts"
import { afterFreeze, LIMIT, UNKNOWN } from "./benches/thaw.ts"
import { BURSTS, COMPAT, CONNECT } from "./benches/workerd.ts"
import { FASTEST, OURS } from "./contestants.ts"
import type { Unit } from "./measurement.ts"

/** What a figure of ours has to reach: a ratio to a peer's, or a value of its own. */
export interface Target {
  readonly what: string
  readonly unit: Unit
  readonly bound: "at least" | "at most"
  readonly value: number
  /** The peer; without one the value is absolute. */
  readonly against?: string
  /** Whose figure is judged. @defaultValue `JUDGED` */
  readonly by?: string
}

/** More of it is better. */
function atLeast(what: string, value: number, against = FASTEST): Target {
  return { what, unit: "commands/s", bound: "at least", value, against }
}

/** CPU per command. */
function cpuAtMost(what: string, value: number): Target {
  return { what, unit: "µs CPU per command", bound: "at most", value, against: FASTEST }
}

function msAtMost(what: string, value: number, against: string): Target {
  return { what, unit: "ms", bound: "at most", value, against }
}

/** Every line is judged in the report, whether it is reached or not. */
export const MUST_REACH: readonly Target[] = [
  atLeast("GET 10 B, 100 callers", 1.4),
  atLeast("SET 10 B, 100 callers", 1.4),
  atLeast("mixed, 100 callers", 1.4),
  atLeast("GET 10 B, bursts of 1,000", 2),
  atLeast("SET 10 B, bursts of 1,000", 2),
  atLeast("mixed, bursts of 1,000", 2),
  atLeast("GET 1 kB, bursts of 1,000", 1.7),
  cpuAtMost("GET 10 B, 100 callers", 0.55),
  cpuAtMost("GET 10 B, bursts of 1,000", 0.35),
  atLeast("GET 10 B, 1 caller", 0.98),
  { ...atLeast(SERVED, 1.1), unit: "requests/s" },
  { ...cpuAtMost(SERVED, 0.85), unit: "µs CPU per request" },
  atLeast("GET 100 kB, 100 callers", 2),
  atLeast(PIPELINED, 0.65, BENCHMARK),
  atLeast(PIPELINED, 2.5, FASTEST),
  msAtMost(COLD, 0.25, "ioredis"),
  msAtMost(COLD_WITH_HTTP, 0.18, "ioredis"),
  msAtMost(afterFreeze("GET", "closed"), 0.01, "ioredis"),
  msAtMost(afterFreeze("GET", "closed"), 0.7, FASTEST),
  msAtMost(afterFreeze("GET", "silent"), 1, LIMIT),
  msAtMost(afterFreeze("GET", "alive"), 1.25, FASTEST),
  { what: UNKNOWN, unit: "commands", bound: "at most", value: 0 },
  { what: FUNCTION, unit: "kB gzipped", bound: "at most", value: 14 },
  { what: WORKER, unit: "kB gzipped", bound: "at most", value: 12 },
  atLeast(BURSTS, 4, COMPAT),
  // Connects a second: 1.1 times as many is a time of 1 / 1.1.
  msAtMost(CONNECT, 1 / 1.1, COMPAT),
  atLeast(overHttp(1), 2, UPSTASH),
  atLeast(overHttp(100), 3, UPSTASH),
  atLeast(overHttp(1_000), 8, UPSTASH),
  { ...atLeast(overHttp(1), 1.1, UPSTASH), by: OURS_BY_FETCH },
  { ...atLeast(overHttp(100), 3, UPSTASH), by: OURS_BY_FETCH },
  { ...atLeast(overHttp(1_000), 8, UPSTASH), by: OURS_BY_FETCH },
  { ...atLeast(ONE_COMMAND, 1, WEBDIS), unit: "requests/s" },
  msAtMost(ONE_P99, 1, WEBDIS),
  atLeast(PIPELINES, 1, WEBDIS),
  { what: FLOOD, unit: "MB of RSS", bound: "at most", value: 20 },
]

/** Whose figures are judged where a target names nobody. */
export const JUDGED = OURS
