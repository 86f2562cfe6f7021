/** How much of the longer word the shorter one must share, in order, to be taken for it. */
const CLOSE = 0.65

/** The word of `words` that `word` was most likely meant to be; undefined when none is close. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined
  let most = 0
  for (const candidate of words) {
    const alike = likeness(word.toLowerCase(), candidate.toLowerCase())
    if (alike < CLOSE || alike <= most) continue
    best = candidate
    most = alike
  }
  return best
}

/** From 0 to 1. `db` is close to `database` and `connectionName` to `name`: all of one stands in the other. */
function likeness(word: string, other: string): number {
  const [short, long] = word.length < other.length ? [word, other] : [other, word]
  let from = 0
  let found = 0
  for (const letter of short) {
    const index = long.indexOf(letter, from)
    if (index < 0) continue
    from = index + 1
    found += 1
  }
  const share = found / long.length
  return found > 1 && found === short.length ? Math.max(share, CLOSE) : share
}
