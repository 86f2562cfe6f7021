import { fileURLToPath } from "node:url"
import { type RedisServer, startRedis } from "@warmpool/local"
import { type Bench, inTurn } from "../bench.ts"
import { control, entrants, glide, ioredis, nodeRedis, ours, untimed } from "../contestants.ts"
import { fill } from "../data.ts"
import type { Effort } from "../effort.ts"
import { Recorder } from "../measurement.ts"
import { Peers } from "../peer/peer.ts"
import type { Way } from "../peer/seed.ts"
import { printed } from "../programs.ts"

const SCRIPT = fileURLToPath(new URL("./seed.py", import.meta.url))
const CONTESTANTS = [ours, control, ioredis, nodeRedis, untimed, glide]
const WAYS: readonly Way[] = ["a client per call", "one warm client", "one tick", "a pipeline"]
const PYTHONS = ["/usr/bin/python3", "python3"]

type Turn = (way: Way, calls: number) => Promise<number | undefined>

export const seed: Bench = {
  title: "The seed articles' table",
  about:
    "10,000 GETs read one after another with a client for each, one after another over one warm client, all in one tick, and in one explicit pipeline. " +
    "With a client per call a part is measured and multiplied. The articles' own figure for the pipeline is void: their loop executes an empty one.",
  async run(effort) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using peers = await Peers.start(entrants(effort, CONTESTANTS), server.url)
    const turns: [name: string, turn: Turn][] = peers.all.map((peer) => [
      peer.name,
      (way, calls) => peer.ask("seed", { way, calls }),
    ])
    const python = await redisPy(server)
    if (python) turns.push(["redis-py", python])
    else recorder.note("redis-py is not installed (Debian: python3-redis): it is left out.")
    for (const way of WAYS) await compare(way, { turns, effort, recorder })
    return recorder.findings
  },
}

interface Comparison {
  readonly turns: readonly (readonly [name: string, turn: Turn])[]
  readonly effort: Effort
  readonly recorder: Recorder
}

async function compare(way: Way, { turns, effort, recorder }: Comparison): Promise<void> {
  const calls = way === "a client per call" ? effort.seedClients : effort.seedCalls
  for (const [, turn] of turns) await turn(way, Math.min(calls, 100))
  await inTurn(effort.rounds, turns, async ([contestant, turn]) => {
    const ms = await turn(way, calls)
    if (ms === undefined) return
    const what = `${effort.seedCalls.toLocaleString("en-US")} GETs, ${way}`
    recorder.add({ what, unit: "ms", contestant }, ms * (effort.seedCalls / calls))
  })
}

/** redis-py, where it is installed. It has no event loop, so no tick. */
async function redisPy(server: RedisServer): Promise<Turn | undefined> {
  for (const python of PYTHONS) {
    if ((await printed(python, ["-c", "import redis"])) === undefined) continue
    return async (way, calls) => {
      if (way === "one tick") return undefined
      const said = await printed(python, [SCRIPT, String(server.port), way, String(calls)])
      if (said === undefined) throw new Error("redis-py failed")
      return Number(said)
    }
  }
  return undefined
}
