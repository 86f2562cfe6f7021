// A sandbox's process by hand: it makes clients, as its first argument says, and tells what happens to it.
import { setTimeout as sleep } from "node:timers/promises"
import { createRedis } from "./index.ts"

const plan = JSON.parse(process.argv[2] ?? "{}") as {
  readonly url: string
  readonly clients?: number
  readonly closeOnShutdown?: boolean
  /** Never lets the event loop turn for so long after the clients were made. */
  readonly blockMs?: number
  /** Another library in the same process, which listens once and needs so long to finish. */
  readonly otherNeedsMs?: number
  readonly next: "serve" | "close" | "hang"
}

function tell(what: string): void {
  process.stdout.write(`${what}\n`)
}

if (plan.otherNeedsMs !== undefined) {
  process.once("SIGTERM", async () => {
    await sleep(plan.otherNeedsMs)
    tell("the other finished")
    process.exit(7)
  })
}

const startedAt = performance.now()
const { url, closeOnShutdown } = plan
const clients = Array.from({ length: plan.clients ?? 1 }, () => createRedis({ url, closeOnShutdown }))
tell(`made in ${Math.round(performance.now() - startedAt)}`)
if (plan.blockMs !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, plan.blockMs)

for (const redis of clients) await redis.ping()
tell(`up, ${process.listenerCount("SIGTERM")} listening`)
if (plan.next === "close") for (const redis of clients) await redis.close()
if (plan.next === "hang") void clients[0]?.blpop("never", 0)
