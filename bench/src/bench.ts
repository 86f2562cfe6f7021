import type { Effort } from "./effort.ts"
import type { Findings } from "./measurement.ts"

/** One bench: what it measures, in words for the report, and how. */
export interface Bench {
  readonly title: string
  /** What is measured, how, and what is left out. */
  readonly about: string
  run(effort: Effort): Promise<Findings>
}

/** Lets contestants take turns, each round beginning with another, so that whatever drifts drifts for all. */
export async function inTurn<C>(
  rounds: number,
  contestants: readonly C[],
  turn: (contestant: C, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let place = 0; place < contestants.length; place += 1) {
      const contestant = contestants[(round + place) % contestants.length]
      if (contestant !== undefined) await turn(contestant, round)
    }
  }
}
