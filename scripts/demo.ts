import { type Load, type Result, runHandler } from "./demo/run.ts"
import { demoServer } from "./demo/server.ts"
import { table } from "./demo/table.ts"

const LOAD: Load = { rounds: 60, sandboxes: 5, frozenMs: 150, killEvery: 4 }

const HANDLERS: readonly (readonly [name: string, file: string])[] = [
  ["warmpool", "handler.js"],
  ["ioredis, client per invocation", "naive.js"],
  ["ioredis at module scope", "module-scope.js"],
]

await using server = await demoServer(process.env["REDIS_URL"])
console.log(
  `A Lambda function, ${LOAD.sandboxes} sandboxes, frozen between invocations; every ${LOAD.killEvery}th time the server closes their connections.\n`,
)

const results = new Map<string, Result>()
for (const [name, file] of HANDLERS) {
  const url = new URL(`../examples/lambda/dist/${file}`, import.meta.url)
  const onRound = (round: number) => progress(name, round)
  results.set(name, await runHandler(url, server, { ...LOAD, onRound }))
}
console.log(`\n${table(results)}`)

const ours = results.get("warmpool")
if (!ours || ours.errors > 0 || ours.visits !== ours.invocations) {
  console.error("\nThe warm function failed, or counted wrongly: this is a bug.")
  process.exitCode = 1
}

/** A line that moves on a terminal; elsewhere a line at every quarter. */
function progress(name: string, round: number): void {
  const text = `  ${name}: ${round * LOAD.sandboxes} of ${LOAD.rounds * LOAD.sandboxes} invocations`
  if (process.stdout.isTTY) process.stdout.write(`\r${text}${round === LOAD.rounds ? "\n" : ""}`)
  else if (round % (LOAD.rounds / 4) === 0) console.log(text)
}
