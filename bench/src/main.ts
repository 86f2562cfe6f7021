import { readArguments } from "./arguments.ts"
import { benches } from "./benches/index.ts"
import type { Effort } from "./effort.ts"
import { describeMachine } from "./machine.ts"
import type { Measurement } from "./measurement.ts"
import { figuresAsText, verdictsAsText } from "./report/text.ts"
import { writeReport } from "./report/write.ts"
import { type Result, saveResult } from "./results.ts"
import { judge } from "./verdict.ts"

const { names, effort, folder } = readArguments(process.argv.slice(2))
const machine = await describeMachine()
const measurements: Measurement[] = []

for (const name of names) {
  try {
    const result = await runBench(name, effort)
    measurements.push(...result.measurements)
    await saveResult(folder, result)
  } catch (error) {
    // One bench that fails must not cost the others; its rows say "not measured".
    console.error(error)
    process.exitCode = 1
  }
}
await writeReport(folder)

// Of one bench, only the targets it measures.
const verdicts = judge(measurements).filter(
  ({ verdict }) => verdict !== "not measured" || names.length === Object.keys(benches).length,
)
if (verdicts.length > 0) console.log(`\n${verdictsAsText(verdicts)}`)
console.log(`\nreport: ${folder}/report.md`)

async function runBench(name: string, { rounds }: Effort): Promise<Result> {
  const bench = benches[name]
  if (!bench) throw new Error(`there is no bench ${name}`)
  console.log(`\n» ${name}`)
  const startedAt = performance.now()
  const findings = await bench.run(effort)
  const tookMs = Math.round(performance.now() - startedAt)
  console.log(figuresAsText(findings.measurements))
  for (const note of findings.notes) console.log(`  ${note}`)
  console.log(`  ${(tookMs / 1_000).toFixed(1)} s`)
  return { bench: name, rounds, tookMs, machine, ...findings }
}
