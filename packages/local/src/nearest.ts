/** The known name that looks most like this one, for messages that name a fix. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, steps: distance(name, candidate) }))
    .sort((a, b) => a.steps - b.steps)
  return best?.candidate
}

/** Levenshtein's distance, ignoring case. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from.toLowerCase()].entries()) {
    const above = row
    row = [index + 1]
    for (const [column, other] of [...to.toLowerCase()].entries()) {
      const kept = (above[column] ?? 0) + (letter === other ? 0 : 1)
      row.push(Math.min(kept, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1))
    }
  }
  return row[to.length] ?? 0
}
