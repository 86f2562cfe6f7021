import { parentPort, workerData } from "node:worker_threads"
import { contextOf } from "./context.fixture.ts"
import { createRedis, withRedis } from "./index.ts"

/** What a thread saw of its invocations, all at once. */
export interface ThreadReport {
  readonly opened: number
  /** Answers that came after their invocation's end. */
  readonly late: number
  /** Answers that left before their own un-awaited command had settled. */
  readonly unsettled: number
  readonly warnings: readonly string[]
  readonly sigtermListeners: number
}

const { url, atOnce } = workerData as { url: string; atOnce: number }
const warnings: string[] = []
process.on("warning", ({ message }) => warnings.push(message))
const redis = createRedis({ url })
const settled = new Set<number>()
const handler = withRedis(redis, async (event: number) => {
  await redis.incr("threads")
  void redis.incr("threads").then(() => settled.add(event))
})

let late = 0
let unsettled = 0
async function invoke(event: number): Promise<void> {
  const context = contextOf(3_000)
  await handler(event, context)
  if (context.getRemainingTimeInMillis() < 0) late += 1
  if (!settled.has(event)) unsettled += 1
}

await Promise.all(Array.from({ length: atOnce }, (_, event) => invoke(event)))
parentPort?.once("message", () => void redis.close())
const report: ThreadReport = {
  opened: redis.stats().opened,
  late,
  unsettled,
  warnings: warnings.filter((warning) => warning.includes("warmpool")),
  sigtermListeners: process.listenerCount("SIGTERM"),
}
parentPort?.postMessage(report)
