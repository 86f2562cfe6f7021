import type { Word } from "./script.ts"

/** What our client puts in the place of an argument that the server's error echoes. */
const CUT = "…"

/**
 * Their reply with the cuts of ours: where an error of ours says "…" and theirs has an argument of the command, that
 * argument is cut there too. Anything else stays, so that a cut of something else shows.
 */
export function withCuts(theirs: unknown, ours: unknown, given: readonly Word[]): unknown {
  if (typeof theirs === "string" && typeof ours === "string") return cutAlike(theirs, ours, given)
  if (!Array.isArray(theirs) || !Array.isArray(ours)) return theirs
  return theirs.map((reply, index) => withCuts(reply, ours[index], given))
}

function cutAlike(theirs: string, ours: string, given: readonly Word[]): string {
  if (!ours.includes(CUT) || theirs === ours) return theirs
  const literals = ours.split(CUT).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
  const gaps = new RegExp(`^${literals.join("(.*)")}$`, "s").exec(theirs)?.slice(1)
  const arguments_ = new Set(given.map(shown))
  return gaps?.every((gap) => arguments_.has(gap)) ? ours : theirs
}

function shown(word: Word): string {
  const text = typeof word === "string" ? word : Buffer.from(word).toString()
  return text.replaceAll(/[\r\n]/g, " ")
}
