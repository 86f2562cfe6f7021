import { setTimeout as sleep } from "node:timers/promises"
import { startFaultProxy, startRedis } from "@warmpool/local"
import { FrozenProcess } from "./frozen-process.ts"
import type { Outcome } from "./protocol.ts"

/** What happens to the connection while the process is frozen. */
export type Ending = "closed" | "reset" | "silent" | "alive"

export interface CycleOptions {
  readonly client: string
  readonly ending: Ending
  readonly cycles: number
  readonly options: Readonly<Record<string, unknown>>
  /** How long each freeze lasts, ms. */
  readonly frozenMs: number
  /** The first command after each thaw. */
  readonly command: "INCR" | "GET"
}

export interface CycleResult {
  /** First commands after a thaw. */
  readonly outcomes: readonly Outcome[]
  /** What the server counted. */
  readonly counter: number
  readonly medianMs: number
}

/** Runs freeze, loss, thaw, first command, over and over, on a process and a server of their own. */
export async function runCycles({
  client,
  ending,
  cycles,
  options,
  frozenMs,
  command,
}: CycleOptions): Promise<CycleResult> {
  await using server = await startRedis()
  await using proxy = await startFaultProxy({ target: server })
  await using frozen = await FrozenProcess.start({ client, url: proxy.url(server.url), options })
  await frozen.call("SET", ["counter", "0"]).outcome
  const outcomes: Outcome[] = []
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    await frozen.freeze()
    await end(proxy, ending)
    await sleep(frozenMs)
    frozen.thaw()
    outcomes.push(await frozen.call(command, ["counter"]).outcome)
  }
  const sorted = outcomes.map(({ ms }) => ms).sort((a, b) => a - b)
  return {
    outcomes,
    counter: Number(await server.command("GET", "counter")),
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
  }
}

async function end(proxy: Awaited<ReturnType<typeof startFaultProxy>>, ending: Ending): Promise<void> {
  if (ending === "closed") await proxy.cut()
  if (ending === "reset") await proxy.reset()
  if (ending === "silent") proxy.silence()
}
