import { type Measurement, median } from "./measurement.ts"
import { JUDGED, MUST_REACH, type Target } from "./must-reach.ts"

/** A target with what was measured. */
export interface Verdict {
  readonly target: Target
  readonly verdict: "reached" | "not reached" | "not measured"
  readonly ours?: number
  readonly theirs?: number
  /** Ours over theirs; where the target is absolute, ours. */
  readonly value?: number
}

/** Judges every target by the measurements there are. */
export function judge(measurements: readonly Measurement[]): readonly Verdict[] {
  return MUST_REACH.map((target) => judgeOne(target, measurements))
}

function judgeOne(target: Target, measurements: readonly Measurement[]): Verdict {
  const of = (contestant: string) => {
    const found = measurements.find(
      ({ what, unit, contestant: name }) =>
        what === target.what && unit === target.unit && name === contestant,
    )
    return found && median(found.values)
  }
  const ours = of(target.by ?? JUDGED)
  if (ours === undefined) return { target, verdict: "not measured" }
  if (target.against === undefined) return { target, verdict: holds(target, ours), ours, value: ours }
  const theirs = of(target.against)
  if (theirs === undefined) return { target, verdict: "not measured", ours }
  const value = ours / theirs
  return { target, verdict: holds(target, value), ours, theirs, value }
}

function holds({ bound, value: wanted }: Target, value: number): "reached" | "not reached" {
  const reached = bound === "at least" ? value >= wanted : value <= wanted
  return reached ? "reached" : "not reached"
}
