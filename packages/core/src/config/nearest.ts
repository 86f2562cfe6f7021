/** The word of `words` that `word` was most likely meant to be; undefined when none is close. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of words) {
    const distance = distanceBetween(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  if (best !== undefined && bestDistance <= allowed(wanted, best)) return best
  return words.find((candidate) => abbreviates(wanted, candidate.toLowerCase()))
}

/** A third of the longer word may be wrong, and always one letter of three. */
function allowed(word: string, candidate: string): number {
  return Math.floor(Math.max(word.length, candidate.length) / 3)
}

/** `db` for `database`, `connectionName` for `name`: edits can't tell, the letters in order can. */
function abbreviates(word: string, candidate: string): boolean {
  if (candidate.length > 2 && word.endsWith(candidate)) return true
  if (word.length < 2 || word[0] !== candidate[0]) return false
  let at = 0
  for (const letter of candidate) if (letter === word[at]) at++
  return at === word.length
}

/** Edit distance (Levenshtein, 1965) with a swap of neighbours as one edit; two rows and the one before. */
function distanceBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, at(before, j - 2) + 1)
      }
      next.push(best)
    }
    before = row
    row = next
  }
  return at(row, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
