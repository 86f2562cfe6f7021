import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { loadResults } from "../results.ts"
import { groupsOf } from "./groups.ts"
import { markdown, plotFile } from "./markdown.ts"
import { plot } from "./plot.ts"

/** Writes the report and its plots from every result kept in the folder. */
export async function writeReport(folder: string): Promise<void> {
  const results = await loadResults(folder)
  await mkdir(join(folder, "plots"), { recursive: true })
  for (const { bench, measurements } of results) {
    const groups = groupsOf(measurements)
    for (const unit of new Set(groups.map((group) => group.unit))) {
      const drawn = plot(
        unit,
        groups.filter((group) => group.unit === unit),
      )
      await writeFile(join(folder, plotFile(bench, unit)), drawn)
    }
  }
  await writeFile(join(folder, "report.md"), markdown(results))
}
