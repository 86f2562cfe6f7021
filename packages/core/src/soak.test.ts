import { expect, it, vi } from "vitest"
import { randomFrom, Storm } from "./soak.fixture.ts"

const rounds = process.env["WARMPOOL_SOAK"] === "1" ? 5_000 : 60

it(`settles every command, runs none twice and loses no order in ${rounds} storms`, async () => {
  const first = Number(process.env["WARMPOOL_SEED"] ?? 1)
  for (let seed = first; seed < first + rounds; seed += 1) {
    // Jitter comes from the seed too, so that a storm that fails can be had again.
    vi.spyOn(Math, "random").mockImplementation(randomFrom(-seed))
    const storm = new Storm(seed)

    await storm.rage(20)
    await storm.calm()

    expect({ seed, faults: await storm.faults() }).toEqual({ seed, faults: [] })
  }
})
