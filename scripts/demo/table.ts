/** The value below which a share of the values lies, as a table shows it. */
export function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return value === undefined ? "none" : `${value.toFixed(1)} ms`
}

/** What one line of a table says of one result. */
export type Row<R> = readonly [label: string, cell: (result: R) => string]

/** How long something took, usually and at worst. */
export function timeRows<R>(what: string, timesOf: (result: R) => readonly number[]): readonly Row<R>[] {
  return [
    [what, () => ""],
    ["  usually (p50)", (result) => quantile(timesOf(result), 0.5)],
    ["  at worst (p99)", (result) => quantile(timesOf(result), 0.99)],
  ]
}

/** Results side by side, one column each. */
export function table<R>(rows: readonly Row<R>[], results: ReadonlyMap<string, R>): string {
  const columns = [...results]
  const head = ["", ...columns.map(([name]) => name)]
  const body = rows.map(([label, cell]) => [label, ...columns.map(([, result]) => cell(result))])
  const lines = [head, ...body]
  const widths = head.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join("   ")
      .trimEnd()
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")
}
