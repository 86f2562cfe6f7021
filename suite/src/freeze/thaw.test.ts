import { describe, expect, it } from "vitest"
import { rounds } from "../rounds.ts"
import { transports } from "../transports.ts"
import { type CycleResult, type Ending, runCycles } from "./cycles.ts"

const CYCLES = rounds({ test: 20, soak: 200 })
const VALIDATE_AFTER_MS = 50
const VALIDATE_TIMEOUT_MS = 100
const FROZEN_MS = 100
const options = { validateAfterMs: VALIDATE_AFTER_MS, validateTimeoutMs: VALIDATE_TIMEOUT_MS }
const endings: readonly Ending[] = ["closed", "reset", "silent", "alive"]

/** Every first command succeeded, and each ran once. */
function expectNothingLost({ outcomes, counter }: CycleResult): void {
  expect(outcomes.filter(({ error }) => error)).toEqual([])
  expect(outcomes.map(({ reply }) => reply)).toEqual(outcomes.map((_, cycle) => cycle + 1))
  expect(counter).toBe(outcomes.length)
}

describe.each(transports)("after a freeze, over $name", ({ name }) => {
  it.concurrent.each(endings)("runs the first write once when the connection was %s", async (ending) => {
    const result = await runCycles({
      client: name,
      ending,
      cycles: CYCLES,
      options,
      frozenMs: FROZEN_MS,
      command: "INCR",
    })

    expectNothingLost(result)
    if (ending === "silent") expect(result.medianMs).toBeLessThan(VALIDATE_TIMEOUT_MS + 100)
  })

  it.concurrent.each(endings)("answers the first read when the connection was %s", async (ending) => {
    const result = await runCycles({
      client: name,
      ending,
      cycles: CYCLES,
      options,
      frozenMs: FROZEN_MS,
      command: "GET",
    })

    expect(result.outcomes.map(({ reply, error }) => error ?? reply)).toEqual(result.outcomes.map(() => "0"))
  })

  it("takes at most a twentieth of what ioredis takes by default", async () => {
    const cycle = { ending: "closed", cycles: CYCLES, options, frozenMs: FROZEN_MS, command: "INCR" } as const
    const theirs = await runCycles({ ...cycle, client: "ioredis defaults" })
    const ours = await runCycles({ ...cycle, client: name })

    expect(ours.medianMs).toBeLessThan(theirs.medianMs / 20)
  })
})
