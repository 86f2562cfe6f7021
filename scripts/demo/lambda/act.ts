import { setTimeout as sleep } from "node:timers/promises"
import { type Act, progress, type Stage } from "../act.ts"
import { quantile, type Row, table, timeRows } from "../table.ts"
import { Contender, type Result } from "./contender.ts"

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

const ROWS: readonly Row<Result>[] = [
  ["invocations", ({ invocations }) => String(invocations)],
  ["  that failed", ({ errors }) => String(errors)],
  ["  that Redis counted", ({ visits }) => String(visits)],
  ["connections opened", ({ connections }) => String(connections)],
  ...timeRows<Result>("time for Redis after a thaw", ({ thawed }) => thawed),
  ["  when the server had closed the connection (p50)", ({ closed }) => quantile(closed, 0.5)],
]

export const lambda: Act = {
  title:
    `AWS Lambda: one function, written in three ways, in ${SANDBOXES} sandboxes each.\n` +
    `Sandboxes are frozen for ${FROZEN_MS} ms between invocations; every ${KILL_EVERY}th time the server closes their connections meanwhile.`,
  async run(stage) {
    const results = await compete(stage)
    const ours = results.get("warmpool")
    const isRight = ours?.errors === 0 && ours.visits === ours.invocations
    return {
      text: `${table(ROWS, results)}\n\nTimes are measured inside the handler, first invocations left out.`,
      flaw: isRight ? undefined : "The warm function failed, or counted wrongly",
    }
  },
}

/** All handlers in turn in every round, so that they meet the same machine. */
async function compete({ server, rounds, signal }: Stage): Promise<Map<string, Result>> {
  await using started = new AsyncDisposableStack()
  const contenders: (readonly [string, Contender])[] = []
  for (const [name, file] of HANDLERS) {
    const handler = new URL(`../../../examples/lambda/dist/${file}`, import.meta.url)
    contenders.push([name, started.use(await Contender.start(handler, server, SANDBOXES))])
  }
  for (let round = 1; round <= rounds; round += 1) {
    const meanwhile = round > 1 && (round - 1) % KILL_EVERY === 0 ? "closed" : "left alone"
    if (meanwhile === "closed") await server.kill()
    for (const [, contender] of contenders) await contender.round(SANDBOXES, meanwhile)
    const each = SANDBOXES * HANDLERS.length
    progress("invocations", round * each, rounds * each)
    await sleep(FROZEN_MS, undefined, { signal })
  }
  const results = new Map<string, Result>()
  for (const [name, contender] of contenders) results.set(name, await contender.result())
  return results
}
