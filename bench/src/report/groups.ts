import { OURS } from "../contestants.ts"
import { type Measurement, median, type Unit } from "../measurement.ts"

/** One contestant's value, and ours over it. */
export interface Entry {
  readonly contestant: string
  readonly value: number
  /** Smallest and largest round. */
  readonly span: readonly [number, number]
  /** Ours over theirs; undefined where we have no figure. */
  readonly ratio: number | undefined
}

/** All contestants of one thing measured in one unit. */
export interface Group {
  readonly what: string
  readonly unit: Unit
  readonly entries: readonly Entry[]
}

/** Measurements side by side, in the order they were taken down. */
export function groupsOf(measurements: readonly Measurement[]): readonly Group[] {
  const groups = new Map<string, Measurement[]>()
  for (const measurement of measurements) {
    const key = JSON.stringify([measurement.unit, measurement.what])
    groups.set(key, [...(groups.get(key) ?? []), measurement])
  }
  return [...groups.values()].flatMap((group) => (group[0] ? [toGroup(group[0], group)] : []))
}

function toGroup({ what, unit }: Measurement, group: readonly Measurement[]): Group {
  const found = group.find(({ contestant }) => contestant === OURS)
  const ours = found && median(found.values)
  const entries = group.map(({ contestant, values }): Entry => {
    const value = median(values)
    const ratio = ours === undefined || value === 0 ? undefined : ours / value
    return { contestant, value, span: [Math.min(...values), Math.max(...values)], ratio }
  })
  return { what, unit, entries }
}
