import { startRedis } from "@warmpool/local"
import { type Bench, inTurn } from "../bench.ts"
import { everybody } from "../contestants.ts"
import { fill, type Size } from "../data.ts"
import type { Effort } from "../effort.ts"
import { Recorder } from "../measurement.ts"
import type { LoadOrder, Shape } from "../peer/load.ts"
import { type Peer, Peers } from "../peer/peer.ts"

type Load = Omit<LoadOrder, "ms">

const SHAPES: readonly (readonly [shape: Shape, name: string])[] = [
  [{ callers: 1 }, "1 caller"],
  [{ callers: 100 }, "100 callers"],
  ["bursts", "bursts of 1,000"],
]

const COMMANDS: readonly (readonly [command: LoadOrder["command"], size: Size, name: string])[] = [
  ["GET", "10 B", "GET 10 B"],
  ["GET", "1 kB", "GET 1 kB"],
  ["SET", "10 B", "SET 10 B"],
  ["mixed", "10 B", "mixed"],
]

/** The one row where contestants are so close that it takes more rounds. */
const FINE = "GET 10 B, 1 caller"

const LOADS: readonly (readonly [what: string, load: Load])[] = [
  ...SHAPES.flatMap(([shape, where]) =>
    COMMANDS.map(([command, size, name]) => [`${name}, ${where}`, { shape, command, size }] as const),
  ),
  ["GET 100 kB, 100 callers", { shape: { callers: 100 }, command: "GET", size: "100 kB" }],
]

export const throughput: Bench = {
  title: "Replies per second, and what each costs",
  about:
    "Each client in a process of its own, one at a time, in turn, against one redis-server over loopback. CPU is user and system time of the client's process. " +
    "A mixed set is half GET, a quarter SET, an eighth INCR, an eighth HGETALL of four fields. Left out: TLS, and networks, which make clients look alike.",
  async run(effort) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using peers = await Peers.start(everybody, server.url)
    for (const [what, load] of LOADS) {
      await warmUp(peers.all, load, effort)
      const rounds = what === FINE ? effort.fineRounds : effort.rounds
      await inTurn(rounds, peers.all, (peer) => measure(peer, { what, load, effort, recorder }))
    }
    return recorder.findings
  },
}

async function warmUp(peers: readonly Peer[], load: Load, { warmUpMs }: Effort): Promise<void> {
  if (warmUpMs === 0) return
  for (const peer of peers) await peer.ask("load", { ...load, ms: warmUpMs })
}

interface Turn {
  readonly what: string
  readonly load: Load
  readonly effort: Effort
  readonly recorder: Recorder
}

async function measure(peer: Peer, { what, load, effort, recorder }: Turn): Promise<void> {
  const { commands, ms, cpuUs } = await peer.ask("load", { ...load, ms: effort.turnMs })
  const contestant = peer.name
  recorder.add({ what, unit: "commands/s", contestant }, (commands / ms) * 1_000)
  recorder.add({ what, unit: "µs CPU per command", contestant }, cpuUs / commands)
}
