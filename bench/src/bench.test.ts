import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { WEBDIS } from "./benches/gateway.ts"
import { benches } from "./benches/index.ts"
import { BENCHMARK } from "./benches/pipeline.ts"
import { OURS } from "./contestants.ts"
import { SMOKE } from "./effort.ts"
import { describeMachine, type Machine } from "./machine.ts"
import { MUST_REACH } from "./must-reach.ts"
import { findProgram } from "./programs.ts"
import { writeReport } from "./report/write.ts"
import { loadResults, saveResult } from "./results.ts"
import { judge } from "./verdict.ts"

/** Every bench runs once, with as little as it can do, and its results are kept here. */
let folder: string
let machine: Machine

beforeAll(async () => {
  machine = await describeMachine()
  folder = await mkdtemp(join(tmpdir(), "warmpool-bench-"))
})

afterAll(() => rm(folder, { recursive: true }))

describe("a bench", () => {
  it.each(Object.entries(benches))(
    "measures every contestant, and us: %s",
    async (name, bench) => {
      const findings = await bench.run(SMOKE)
      await saveResult(folder, {
        bench: name,
        rounds: SMOKE.rounds,
        tookMs: 1,
        machine,
        ...findings,
      })

      const { measurements } = findings
      expect(measurements.filter(({ contestant }) => contestant === OURS)).not.toEqual([])
      expect(measurements.filter(({ contestant }) => contestant !== OURS)).not.toEqual([])
      expect(measurements.flatMap(({ values }) => values).every(Number.isFinite)).toBe(true)
    },
    60_000,
  )
})

describe("the report", () => {
  it("judges every target by rows that the benches give", async () => {
    const results = await loadResults(folder)
    const absent = await Promise.all(
      [
        ["redis-benchmark", BENCHMARK],
        ["webdis", WEBDIS],
      ].map(async ([program = "", peer = ""]) => ((await findProgram(program)) === undefined ? [peer] : [])),
    )

    const verdicts = judge(results.flatMap(({ measurements }) => measurements))

    expect(verdicts.map(({ target }) => target)).toEqual(MUST_REACH)
    const missing = verdicts.filter(({ verdict }) => verdict === "not measured")
    expect([...new Set(missing.map(({ target }) => target.against))]).toEqual(absent.flat())
  })

  it("shows every bench, with plots that are there", async () => {
    await writeReport(folder)
    const report = await readFile(join(folder, "report.md"), "utf8")

    for (const { title } of Object.values(benches)) expect(report).toContain(`## ${title}`)
    const plots = [...report.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file = ""]) => file)
    expect(plots.length).toBeGreaterThanOrEqual(Object.keys(benches).length)
    for (const file of plots)
      expect(await readFile(join(folder, file), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  })
})
