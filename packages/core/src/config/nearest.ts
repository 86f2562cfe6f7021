/** How much of the longer word two words share in order, at least, to be taken for one another. */
const CLOSE = 0.65

/** The word of `words` that `word` was most likely meant to be; undefined when none is close. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined
  let mostAlike = 0
  for (const candidate of words) {
    const alike = likeness(word.toLowerCase(), candidate.toLowerCase())
    if (alike < CLOSE || alike <= mostAlike) continue
    best = candidate
    mostAlike = alike
  }
  return best
}

/** From 0 to 1. `db` is close to `database` and `connectionName` to `name`: all of one stands in the other. */
function likeness(a: string, b: string): number {
  const common = Math.max(inOrder(a, b), inOrder(b, a))
  const share = common / Math.max(a.length, b.length)
  return common > 1 && common === Math.min(a.length, b.length) ? Math.max(share, CLOSE) : share
}

/** How many letters of one word follow each other in the other. */
function inOrder(letters: string, word: string): number {
  let from = 0
  let found = 0
  for (const letter of letters) {
    const index = word.indexOf(letter, from)
    if (index < 0) continue
    from = index + 1
    found += 1
  }
  return found
}
