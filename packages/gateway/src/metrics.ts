import type { PoolStats } from "@warmpool/core"
import { HERE } from "./answers.ts"
import type { Answer } from "./exchange.ts"

/** Upper bounds of the buckets, s. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** What is looked up when somebody asks. */
export interface Gauges {
  readonly active: number
  readonly streams: number
  readonly pool: PoolStats
}

/** Counts, in Prometheus' text format. */
export class Metrics {
  commands = 0
  unauthorized = 0
  overloaded = 0
  readonly #gauges: () => Gauges
  readonly #answers = new Map<number, number>()
  readonly #buckets = BUCKETS.map(() => 0)
  #seconds = 0

  constructor(gauges: () => Gauges) {
    this.#gauges = gauges
  }

  answered(status: number, ms: number): void {
    const seconds = ms / 1_000
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1)
    this.#seconds += seconds
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
    if (bucket >= 0) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
  }

  page(): Answer {
    const { active, streams, pool } = this.#gauges()
    const gauges = { active_requests: active, open_streams: streams }
    const counters = {
      commands_total: this.commands,
      unauthorized_total: this.unauthorized,
      overloaded_total: this.overloaded,
    }
    const lines = [
      "# TYPE warmpool_gateway_requests_total counter",
      ...[...this.#answers].map(([status, n]) => `warmpool_gateway_requests_total{status="${status}"} ${n}`),
      ...this.#histogram(),
      ...Object.entries(counters).flatMap(([name, value]) => metric(name, "counter", value)),
      ...Object.entries(gauges).flatMap(([name, value]) => metric(name, "gauge", value)),
      "# TYPE warmpool_gateway_pool gauge",
      ...Object.entries(pool).map(([name, value]) => `warmpool_gateway_pool{state="${name}"} ${value}`),
    ]
    const headers = { ...HERE, "content-type": "text/plain; version=0.0.4; charset=utf-8" }
    return { status: 200, headers, body: `${lines.join("\n")}\n` }
  }

  #histogram(): string[] {
    const name = "warmpool_gateway_request_seconds"
    let below = 0
    const buckets = BUCKETS.map((bound, index) => {
      below += this.#buckets[index] ?? 0
      return `${name}_bucket{le="${bound}"} ${below}`
    })
    const count = [...this.#answers.values()].reduce((sum, n) => sum + n, 0)
    const totals = [
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${this.#seconds}`,
      `${name}_count ${count}`,
    ]
    return [`# TYPE ${name} histogram`, ...buckets, ...totals]
  }
}

function metric(name: string, type: string, value: number): string[] {
  return [`# TYPE warmpool_gateway_${name} ${type}`, `warmpool_gateway_${name} ${value}`]
}
