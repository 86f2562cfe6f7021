import { expect, it } from "vitest"
import { makeCall } from "../call.ts"
import { watch } from "../client.fixture.ts"
import { toArgs } from "../commands/arguments.ts"
import { specOf } from "../commands/table.ts"
import { Deadlines } from "../deadlines.ts"
import { Events } from "../events.ts"
import { Ledger } from "../ledger.ts"
import { Command } from "../pending.ts"
import { Pool } from "../pool.ts"
import { FakeHost } from "../testing/fake-host.ts"
import { FakeTransport } from "../testing/fake-transport.ts"
import { ClusterLane } from "./cluster-lane.ts"
import { limits } from "./limits.fixture.ts"
import type { Topology } from "./routes.ts"

/** Two masters, of which each has half of the slots. */
const topology: Topology = {
  nodes: ["a:1", "b:1"],
  nodeOf: (slot) => (slot < 8_192 ? "a:1" : "b:1"),
  reach: (told) => told,
  refresh: () => Promise.resolve(),
  onChange: () => () => {},
}

it("sends a lost step of a walk again to the node whose cursor it has", async () => {
  const host = new FakeHost()
  const transport = new FakeTransport({ host })
  const events = new Events(host)
  const deadlines = new Deadlines(host, limits.validateTimeoutMs)
  const pool = new Pool({ transport, host, limits, events })
  const nodes: (string | undefined)[] = []
  const open: Pool["open"] = (state, node) => {
    nodes.push(node)
    return pool.open(state, node)
  }
  const opener = { open, retire: pool.retire.bind(pool), evict: pool.evict.bind(pool) }
  const surroundings = { host, events, deadlines, traits: transport.traits }
  const cluster = new ClusterLane(surroundings, { pool: opener, limits, retryWrites: "never" }, topology)
  const issue = (lane: (typeof cluster.lanes)[number], name: string, args: string[]) => {
    const terms = { ledger: new Ledger(), issued: deadlines.now(), deadline: deadlines.now() + 10_000 }
    const spec = specOf(name)
    const command = new Command(makeCall(spec, "text", toArgs(spec, args)), terms, lane)
    lane.submit(command)
    return watch(command.promise)
  }
  issue(cluster, "ping", [])
  await host.settle()
  const [, second = cluster] = cluster.lanes
  transport.hold()
  const step = issue(second, "scan", ["0"])
  await host.settle()

  transport.cut()
  transport.release()
  transport.answerNext(["0", []])
  await host.advance(2_000)

  expect(step).toMatchObject({ state: "resolved", value: ["0", []] })
  expect(nodes).toEqual(["a:1", "b:1", "b:1"])
})
