import { type Measurement, shown } from "../measurement.ts"
import type { Verdict } from "../verdict.ts"
import { type Group, groupsOf } from "./groups.ts"
import { verdictRows } from "./verdict-table.ts"

/** A bench's figures for a terminal. */
export function figuresAsText(measurements: readonly Measurement[]): string {
  return groupsOf(measurements).map(groupAsText).join("\n")
}

function groupAsText({ what, unit, entries }: Group): string {
  const rows = entries.map(({ contestant, value, span, ratio }) => [
    `    ${contestant}`,
    shown(value),
    `${shown(span[0])} … ${shown(span[1])}`,
    ratio === undefined ? "" : `×${shown(ratio)}`,
  ])
  return `  ${what} (${unit})\n${columns(rows)}`
}

/** The targets for a terminal; with a bench of its own only those that it measures. */
export function verdictsAsText(verdicts: readonly Verdict[]): string {
  return columns(verdictRows(verdicts))
}

/** Text in columns: the first to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd()
  return rows.map(line).join("\n")
}
