import { startRedis } from "@warmpool/local"
import { type Bench, inTurn } from "../bench.ts"
import { CONTROL, type Contestant, OURS } from "../contestants.ts"
import { fill } from "../data.ts"
import { startGateway } from "../gateway/gateway-process.ts"
import { Recorder } from "../measurement.ts"
import { Peers } from "../peer/peer.ts"

/** Ours where only `fetch` is known, as at the edge. */
export const OURS_BY_FETCH = "warmpool, fetch"
/** The client that people use over HTTP today. */
export const UPSTASH = "@upstash/redis, auto-pipelining"

const CONTESTANTS: readonly Contestant[] = [
  { name: OURS, client: "warmpool-http" },
  { name: CONTROL, client: "warmpool-http" },
  { name: OURS_BY_FETCH, client: "warmpool-fetch" },
  { name: UPSTASH, client: "upstash" },
]

const TICKS = [1, 10, 100, 1_000] as const

/** The row of so many GETs a tick. */
export function overHttp(perTick: (typeof TICKS)[number]): string {
  return `over HTTP, ${perTick.toLocaleString("en-US")} ${perTick === 1 ? "GET" : "GETs"} a tick`
}

export const rest: Bench = {
  title: "Over HTTP",
  about:
    "GETs of 10 B, issued in one tick and awaited together, by each client in a process of its own, in turn, through one gateway of ours in front of one redis-server over loopback. " +
    "Each sends one request for a tick. CPU is that of the client's process. Left out: TLS, and networks, which make clients look alike.",
  async run({ rounds, turnMs, warmUpMs }) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using gateway = await startGateway(server.url)
    await using peers = await Peers.start(CONTESTANTS, gateway.address)
    for (const perTick of TICKS) {
      const load = { shape: { perTick }, command: "GET", size: "10 B" } as const
      const what = overHttp(perTick)
      if (warmUpMs > 0) for (const peer of peers.all) await peer.ask("load", { ...load, ms: warmUpMs })
      await inTurn(rounds, peers.all, async (peer) => {
        const { commands, ms, cpuUs } = await peer.ask("load", { ...load, ms: turnMs })
        const contestant = peer.name
        recorder.add({ what, unit: "commands/s", contestant }, (commands / ms) * 1_000)
        recorder.add({ what, unit: "µs CPU per command", contestant }, cpuUs / commands)
      })
    }
    return recorder.findings
  },
}
