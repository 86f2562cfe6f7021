import { expect, it, vi } from "vitest"
import { randomFrom, Storm } from "./soak.fixture.ts"

const rounds = process.env["WARMPOOL_SOAK"] === "1" ? 5_000 : 40

it(`settles every command, runs none twice and loses no order in ${rounds} storms`, async () => {
  const first = Number(process.env["WARMPOOL_SEED"] ?? 1)
  for (let seed = first; seed < first + rounds; seed += 1) {
    // Jitter comes from the seed too, so that a storm that fails can be had again.
    vi.spyOn(Math, "random").mockImplementation(randomFrom(-seed))
    const storm = new Storm(seed)

    const faults: string[] = []

    await storm.rage(20)
    if (seed % 3 === 0) {
      await storm.calm()
      faults.push(...(await storm.reach()))
    }
    if (seed % 3 === 1) await storm.drain()
    else await storm.close()
    faults.push(...(await storm.faults()))

    expect({ seed, faults }).toEqual({ seed, faults: [] })
  }
})
