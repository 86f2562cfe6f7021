import type { Result } from "./run.ts"

/** The value below which a share of the values lies, as a table shows it. */
export function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? "none" : `${value.toFixed(1)} ms`
}

const ROWS: readonly (readonly [label: string, cell: (result: Result) => string])[] = [
  ["invocations", ({ invocations }) => String(invocations)],
  ["  that failed", ({ errors }) => String(errors)],
  ["  that Redis counted", ({ visits }) => String(visits)],
  ["connections opened", ({ connections }) => String(connections)],
  ["time for Redis after a thaw", () => ""],
  ["  usually (p50)", ({ thawed }) => quantile(thawed, 0.5)],
  ["  at worst (p99)", ({ thawed }) => quantile(thawed, 0.99)],
  ["  when the server had closed the connection (p50)", ({ closed }) => quantile(closed, 0.5)],
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
      .trimEnd()
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")
}
