import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type LocalLambda, type RedisServer, startFaultProxy, startLambda, startRedis } from "@warmpool/local"
import type { Bench } from "../bench.ts"
import { OURS } from "../contestants.ts"
import { Recorder } from "../measurement.ts"

const CYCLES_PER_ROUND = 2
/** Every so many cycles all connections are closed while the fleet is frozen, as idle cut-offs do. */
const CUT_EVERY = 3
const FROZEN_MS = 60

const HANDLERS: readonly (readonly [contestant: string, file: string])[] = [
  [OURS, "warmpool.ts"],
  ["ioredis, module scope", "ioredis-module.ts"],
  ["ioredis, client per invocation", "ioredis-invocation.ts"],
  ["node-redis, module scope", "node-redis-module.ts"],
]

export const connections: Bench = {
  title: "Connections of a fleet",
  about:
    "A local Lambda with its sandboxes frozen between invocations; each invocation sends three commands at once. Every third time all connections are closed meanwhile. " +
    "Opened: in total; peak: at once; failed: invocations.",
  async run({ rounds, sandboxes }) {
    const recorder = new Recorder()
    await using server = await startRedis()
    for (const [contestant, file] of HANDLERS) {
      const cycles = rounds * CYCLES_PER_ROUND
      const { opened, peak, failed } = await runFleet(file, { server, sandboxes, cycles })
      const where = `${sandboxes} sandboxes, ${sandboxes * cycles} invocations`
      recorder.add({ what: `opened: ${where}`, unit: "connections", contestant }, opened)
      recorder.add({ what: `peak: ${where}`, unit: "connections", contestant }, peak)
      if (failed > 0) recorder.note(`${contestant}: ${failed} invocations failed.`)
    }
    return recorder.findings
  },
}

interface Fleet {
  readonly server: RedisServer
  readonly sandboxes: number
  readonly cycles: number
}

interface Counted {
  readonly opened: number
  readonly peak: number
  readonly failed: number
}

async function runFleet(file: string, { server, sandboxes, cycles }: Fleet): Promise<Counted> {
  await using proxy = await startFaultProxy({ target: server })
  let peak = 0
  const watching = proxy.until(({ open }) => {
    peak = Math.max(peak, open)
    return false
  })
  // It ends with the proxy; nothing is met before.
  watching.catch(() => undefined)
  await using lambda = await startLambda({
    handler: fileURLToPath(new URL(`../handlers/${file}`, import.meta.url)),
    concurrency: sandboxes,
    env: { REDIS_URL: proxy.url(server.url) },
  })
  let failed = 0
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    const answers = await Promise.all(Array.from({ length: sandboxes }, () => invoke(lambda)))
    failed += answers.filter((answer) => answer === "failed").length
    await sleep(FROZEN_MS)
    if (cycle % CUT_EVERY === 0) await proxy.cut()
  }
  return { opened: proxy.counts.connections, peak, failed }
}

async function invoke({ endpoint, functionName }: LocalLambda): Promise<"done" | "failed"> {
  const response = await fetch(`${endpoint}/2015-03-31/functions/${functionName}/invocations`, {
    method: "POST",
    body: "{}",
  })
  await response.arrayBuffer()
  return response.ok && !response.headers.has("x-amz-function-error") ? "done" : "failed"
}
