import { shown } from "../measurement.ts"
import type { Verdict } from "../verdict.ts"

const HEAD = ["what", "warmpool", "against", "must be", "is", ""]

/** The targets as rows of text: losses stand where they stand. */
export function verdictRows(verdicts: readonly Verdict[]): readonly (readonly string[])[] {
  return [HEAD, ...verdicts.map(row)]
}

function row({ target, verdict, ours, theirs, value }: Verdict): readonly string[] {
  const { what, unit, bound, value: wanted, against, by } = target
  const sign = against === undefined ? "" : "×"
  const theirFigure = theirs === undefined ? "" : ` ${shown(theirs)}`
  return [
    by === undefined ? what : `${what} (${by})`,
    ours === undefined ? "" : `${shown(ours)} ${unit}`,
    against === undefined ? unit : `${against}${theirFigure}`,
    `${bound === "at least" ? "≥" : "≤"} ${sign}${shown(wanted)}`,
    value === undefined ? "" : `${sign}${shown(value)}`,
    verdict,
  ]
}
