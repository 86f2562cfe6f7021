import { availableParallelism } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { RedisStartError } from "@warmpool/local"
import { Contender, type Result } from "./demo/run.ts"
import { type DemoServer, demoServer, UnusableServer } from "./demo/server.ts"
import { table } from "./demo/table.ts"

/** `npm run demo -- 200` runs longer. */
const ROUNDS = Number(process.argv[2] ?? 40)
/** Invocations at once, each in a sandbox of its own. */
const SANDBOXES = 4
/** How long sandboxes stay frozen between rounds, ms: longer than a connection is trusted without a look at it. */
const FROZEN_MS = 600
/** Every so many rounds the server closes all connections while the sandboxes are frozen. */
const KILL_EVERY = 4

const HANDLERS: readonly (readonly [name: string, file: string])[] = [
  ["warmpool", "handler.js"],
  ["ioredis, a client per invocation", "naive.js"],
  ["ioredis, a client per sandbox", "module-scope.js"],
]

class WrongRounds extends Error {}

/** What the user can mend; the message is one line. */
const EXPECTED = [WrongRounds, UnusableServer, RedisStartError]

const stop = new AbortController()
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  // Only once: who asks again does not want to wait.
  process.once(signal, () => {
    process.exitCode = code
    stop.abort()
  })
}

try {
  if (!Number.isInteger(ROUNDS) || ROUNDS < 1)
    throw new WrongRounds("npm run demo takes a number of rounds: 40, if none is given")
  await demo()
} catch (error) {
  if (!stop.signal.aborted) {
    if (!EXPECTED.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error
    console.error(`warmpool: ${error.message}`)
    process.exitCode = 1
  }
}

async function demo(): Promise<void> {
  await using server = await demoServer(process.env["REDIS_URL"])
  console.log(
    `One Lambda function, written in three ways, in ${SANDBOXES} sandboxes each, with ${server.name}.\n` +
      `Sandboxes are frozen for ${FROZEN_MS} ms between invocations; every ${KILL_EVERY}th time the server closes their connections meanwhile.\n`,
  )
  const results = await compete(server)
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, ${process.platform}`
  console.log(
    `\n${table(results)}\n\nTimes are measured inside the handler, first invocations left out. ${machine}.`,
  )
  const ours = results.get("warmpool")
  if (ours?.errors === 0 && ours.visits === ours.invocations) return
  console.error("\nThe warm function failed, or counted wrongly: this is a bug.")
  process.exitCode = 1
}

/** All handlers in turn in every round, so that they meet the same machine. */
async function compete(server: DemoServer): Promise<Map<string, Result>> {
  await using started = new AsyncDisposableStack()
  const contenders: (readonly [string, Contender])[] = []
  for (const [name, file] of HANDLERS) {
    const handler = new URL(`../examples/lambda/dist/${file}`, import.meta.url)
    contenders.push([name, started.use(await Contender.start(handler, server, SANDBOXES))])
  }
  for (let round = 1; round <= ROUNDS; round += 1) {
    const meanwhile = round > 1 && (round - 1) % KILL_EVERY === 0 ? "closed" : "left alone"
    if (meanwhile === "closed") await server.kill()
    for (const [, contender] of contenders) await contender.round(SANDBOXES, meanwhile)
    progress(round)
    await sleep(FROZEN_MS, undefined, { signal: stop.signal })
  }
  const results = new Map<string, Result>()
  for (const [name, contender] of contenders) results.set(name, await contender.result())
  return results
}

/** A line that moves on a terminal; elsewhere a line at every quarter. */
function progress(round: number): void {
  const done = round * SANDBOXES * HANDLERS.length
  const text = `  ${done} of ${ROUNDS * SANDBOXES * HANDLERS.length} invocations`
  if (process.stdout.isTTY) process.stdout.write(`\r${text}${round === ROUNDS ? "\n" : ""}`)
  else if (round % Math.ceil(ROUNDS / 4) === 0 || round === ROUNDS) console.log(text)
}
