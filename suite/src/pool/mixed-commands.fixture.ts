import { createRedis } from "@warmpool/core"
import { transportNamed } from "../transports.ts"
import { Account } from "./account.ts"
import { MixedCaller } from "./mixed-caller.ts"

/**
 * Sends a mix of commands in ten parts, then compares the server with what it was told, and says so in one line of JSON.
 * Arguments: the transport's name, the URL, how many commands. Run with --expose-gc.
 */
const [transport, url = "", commands = "0"] = process.argv.slice(2)
const CALLERS = 50
const TENTHS = 10
const each = Math.ceil(Number(commands) / TENTHS / CALLERS)

const redis = createRedis({
  transport: transportNamed(transport).open(url),
  acquireTimeoutMs: 5_000,
  commandTimeoutMs: 5_000,
})
const accounts = Array.from({ length: CALLERS }, (_, n) => new Account(`caller${n}`, 2 * TENTHS * each))
const callers = accounts.map((account) => new MixedCaller(redis, account))

/** What is in use once nothing is under way, bytes. */
async function heapUsed(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

const heaps: number[] = []
for (let tenth = 0; tenth < TENTHS; tenth++) {
  await Promise.all(callers.map((caller) => caller.run(each)))
  await redis.settled()
  heaps.push(await heapUsed())
}
for (const account of accounts) await account.audit(redis)
const { opened, leased, waiting } = redis.stats()
await redis.close()
const report = {
  sent: callers.reduce((sum, { sent }) => sum + sent, 0),
  unknown: accounts.reduce((sum, { unknown }) => sum + unknown, 0),
  complaints: accounts.flatMap(({ complaints }) => complaints).slice(0, 10),
  heaps,
  opened,
  left: leased + waiting,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
