import { describe, expect, it } from "vitest"
import { makeCall } from "../call.ts"
import { watch } from "../client.fixture.ts"
import { toArgs } from "../commands/arguments.ts"
import { specOf } from "../commands/table.ts"
import { Deadlines } from "../deadlines.ts"
import { PoolClosedError } from "../errors.ts"
import { Events } from "../events.ts"
import { Ledger } from "../ledger.ts"
import { Command } from "../pending.ts"
import { Pool } from "../pool.ts"
import { FakeHost } from "../testing/fake-host.ts"
import { FakeTransport } from "../testing/fake-transport.ts"
import { limits } from "./limits.fixture.ts"
import { NodeLane } from "./node-lane.ts"

const SCAN = specOf("scan")

/** The lane of a node that was walked to, and one step more of that walk. */
function walked() {
  const host = new FakeHost()
  const transport = new FakeTransport({ host })
  const events = new Events(host)
  const deadlines = new Deadlines(host, limits.validateTimeoutMs)
  const surroundings = { host, events, deadlines, traits: transport.traits }
  const pool = new Pool({ transport, host, limits, events })
  const lane = new NodeLane(surroundings, {
    pool,
    limits,
    retryWrites: "never",
    address: "127.0.0.1:1",
    claim: (_lane, queue) => queue,
    onDoubt: () => {},
  })
  const step = () => {
    const terms = { ledger: new Ledger(), issued: deadlines.now(), deadline: deadlines.now() + 1_000 }
    const command = new Command(makeCall(SCAN, "text", toArgs(SCAN, ["0"])), terms, lane)
    lane.submit(command)
    return watch(command.promise)
  }
  return { host, lane, step }
}

describe("a step of a walk over the nodes", () => {
  it("fails on a node that has lost all its slots since", async () => {
    const { host, lane, step } = walked()
    lane.leave()

    const late = step()
    await host.settle()

    expect(late).toMatchObject({ error: { code: "ERR_CONNECTION" }, fate: "unsent" })
    expect(late.error?.message).toContain("SCAN was not sent: the node serves no slots any more")
  })

  it("fails once the client is closed", async () => {
    const { host, lane, step } = walked()
    lane.end(new PoolClosedError("the client is closed: create another"))

    const late = step()
    await host.settle()

    expect(late).toMatchObject({ error: { code: "ERR_POOL_CLOSED" }, fate: "unsent" })
  })
})
