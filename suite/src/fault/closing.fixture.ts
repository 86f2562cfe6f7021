import { once } from "node:events"
import { createRedis, type Redis } from "@warmpool/core"
import { transportNamed } from "../transports.ts"

/**
 * Gets a client into a state, says so, waits for a line, closes, and must then end by itself.
 * Arguments: the transport's name, the URL, the state, `close` or `drain`.
 */
const [transport, url = "", state = "", how] = process.argv.slice(2)
const redis = createRedis({
  transport: transportNamed(transport).open(url),
  commandTimeoutMs: 500,
  acquireTimeoutMs: 500,
  leakWarnAfterMs: 50,
})

/** What is under way when the client is closed; nobody awaits any of it. */
const STATES: Record<string, (redis: Redis) => unknown> = {
  "was never used": () => undefined,
  "is idle": () => undefined,
  "has commands in flight": (client) => [
    client.incr("n"),
    client.get("n"),
    client.multi().incr("n").exec(),
    client.pipeline().incr("n").exec(),
  ],
  "has just been given commands": (client) => [client.incr("n"), client.get("n")],
  "holds a lease": (client) =>
    client.acquire().then(
      (lease) => void lease.watch("n"),
      () => undefined,
    ),
  "waits for leases": (client) => Array.from({ length: 8 }, () => client.acquire()),
  blocks: (client) => client.blpop("none", 0),
  "has 20 MB to send": (client) => client.set("large", Buffer.alloc(20 << 20)),
  "has an aborted command": (client) => {
    const abort = new AbortController()
    void client.with({ signal: abort.signal }).incr("n")
    abort.abort()
  },
  connects: (client) => [client.incr("n"), client.prewarm()],
  "keeps trying to connect": (client) => [client.incr("n"), client.blpop("none", 0)],
}

const prewarmed = !["was never used", "connects", "keeps trying to connect"].includes(state)
if (prewarmed) await redis.set("warm", 1)
process.stdout.write("ready\n")
await once(process.stdin, "data")
STATES[state]?.(redis)
if (state !== "has just been given commands") await new Promise((resolve) => setTimeout(resolve, 30))
process.stdin.destroy()
const closed = how === "drain" ? redis.drain() : redis.close()
await Promise.all([closed, redis.settled()])
process.stdout.write(`${JSON.stringify(redis.stats())}\n`)
