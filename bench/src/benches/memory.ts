import { startRedis } from "@warmpool/local"
import { type Bench, inTurn } from "../bench.ts"
import { type Contestant, entrants, glide, ioredis, OURS, untimed } from "../contestants.ts"
import { Recorder } from "../measurement.ts"
import { Peer } from "../peer/peer.ts"

/** With time enough for a slow machine: what is measured is memory. */
const patient: Contestant = { name: OURS, client: "warmpool-patient" }
const CONTESTANTS = [patient, ioredis, untimed, glide]

export const FLOOD = "SETs of 1 MB in one tick"

export const memory: Bench = {
  title: "Memory under a flood",
  about:
    "How far a fresh process's resident memory rises at its peak while 300 SETs of the same 1 MB string, issued in one tick, are under way. " +
    "warmpool runs with commandTimeoutMs of a minute here.",
  async run(effort) {
    const { rounds, floodMb } = effort
    const recorder = new Recorder()
    await using server = await startRedis()
    await inTurn(rounds, entrants(effort, CONTESTANTS), async (contestant) => {
      await using peer = await Peer.start(contestant, server.url)
      const risen = await peer.ask("flood", { mb: floodMb })
      recorder.add({ what: FLOOD, unit: "MB of RSS", contestant: contestant.name }, risen)
    })
    return recorder.findings
  },
}
