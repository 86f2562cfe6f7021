import type { Result } from "./run.ts"

/** The value below which a share of ascending values lies. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const ROWS: readonly (readonly [label: string, cell: (result: Result) => string])[] = [
  ["invocations", ({ invocations }) => String(invocations)],
  ["connections opened", ({ connections }) => String(connections)],
  ["errors", ({ errors }) => String(errors)],
  ["counter, should equal invocations less errors", ({ visits }) => String(visits)],
  ["invocation after thaw, p50", ({ thawed }) => `${quantile(thawed, 0.5).toFixed(2)} ms`],
  ["invocation after thaw, p99", ({ thawed }) => `${quantile(thawed, 0.99).toFixed(2)} ms`],
]

/** Results side by side, one column each. */
export function table(results: ReadonlyMap<string, Result>): string {
  const columns = [...results]
  const head = ["", ...columns.map(([name]) => name)]
  const body = ROWS.map(([label, cell]) => [label, ...columns.map(([, result]) => cell(result))])
  const rows = [head, ...body]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join("   ")
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")
}
