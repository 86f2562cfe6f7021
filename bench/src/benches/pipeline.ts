import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { type RedisServer, startRedis } from "@warmpool/local"
import { type Bench, inTurn } from "../bench.ts"
import { entrants, everybody } from "../contestants.ts"
import { fill, KEYS_OF } from "../data.ts"
import type { Effort } from "../effort.ts"
import { Recorder } from "../measurement.ts"
import { Peers } from "../peer/peer.ts"
import { findProgram } from "../programs.ts"

const SIZE = 1_000
export const PIPELINED = "GET 10 B, explicit pipelines of 1,000"
/** What redis-benchmark manages in one ms, roughly: so that its turns are as long as the others'. */
const PER_MS = 3_000

export const BENCHMARK = "redis-benchmark -c 1 -P 1000"

type Turn = (ms: number) => Promise<number>

export const pipeline: Bench = {
  title: "Explicit pipelines",
  about:
    "Pipelines of 1,000 GETs, one after another: `pipeline().exec()`, node-redis' `execAsPipeline()`, glide's `Batch`. " +
    "redis-benchmark, in C, drops what it reads and is the limit; it gives no promise and no string.",
  async run(effort) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using peers = await Peers.start(entrants(effort, everybody), server.url)
    const turns: [name: string, turn: Turn][] = peers.all.map((peer) => [
      peer.name,
      async (ms) => {
        const done = await peer.ask("pipelines", { size: SIZE, ms })
        return (done.commands / done.ms) * 1_000
      },
    ])
    const limit = await limitOf(server)
    if (limit) turns.push([BENCHMARK, limit])
    else recorder.note("redis-benchmark is not on the PATH: no limit to compare with.")
    await takeTurns(turns, effort, recorder)
    return recorder.findings
  },
}

async function takeTurns(
  turns: readonly (readonly [name: string, turn: Turn])[],
  { rounds, turnMs, warmUpMs }: Effort,
  recorder: Recorder,
): Promise<void> {
  if (warmUpMs > 0) for (const [, turn] of turns) await turn(warmUpMs)
  await inTurn(rounds, turns, async ([contestant, turn]) =>
    recorder.add({ what: PIPELINED, unit: "commands/s", contestant }, await turn(turnMs)),
  )
}

async function limitOf(server: RedisServer): Promise<Turn | undefined> {
  const program = await findProgram("redis-benchmark")
  if (program === undefined) return undefined
  const [key = ""] = KEYS_OF["10 B"]
  return async (ms) => {
    const calls = Math.max(SIZE, Math.round((ms * PER_MS) / SIZE) * SIZE)
    const where = ["-h", server.host, "-p", String(server.port)]
    const args = [...where, "-c", "1", "-P", String(SIZE), "-n", String(calls), "--csv", "GET", key]
    const { stdout } = await promisify(execFile)(program, args)
    // "GET bench:small:0","4310345.00",…
    const rate = Number(/^"GET[^"]*","([\d.]+)"/m.exec(stdout)?.[1])
    if (Number.isNaN(rate)) throw new Error("redis-benchmark printed no rate: is it of Redis 6 or newer?")
    return rate
  }
}
