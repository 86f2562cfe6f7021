import { expect, it } from "vitest"
import { FASTEST, OURS } from "./contestants.ts"
import type { Measurement } from "./measurement.ts"
import { judge } from "./verdict.ts"

const what = "GET 10 B, bursts of 1,000"

function rates(ours: readonly number[], theirs: readonly number[]): readonly Measurement[] {
  return [
    { what, unit: "commands/s", contestant: OURS, values: ours },
    { what, unit: "commands/s", contestant: FASTEST, values: theirs },
  ]
}

function verdictOf(measurements: readonly Measurement[]) {
  return judge(measurements).find(({ target }) => target.what === what && target.unit === "commands/s")
}

it("compares medians, so that one round more or less changes nothing", () => {
  expect(verdictOf(rates([20, 1, 22], [10, 10, 900]))).toMatchObject({ verdict: "reached", value: 2 })
})

it("says so where a target is not reached", () => {
  expect(verdictOf(rates([19], [10]))).toMatchObject({ verdict: "not reached", value: 1.9 })
})

it("takes less for better where a target is a ceiling", () => {
  const flood = (value: number) =>
    judge([{ what: "SETs of 1 MB in one tick", unit: "MB of RSS", contestant: OURS, values: [value] }]).find(
      ({ verdict }) => verdict !== "not measured",
    )

  expect(flood(20)?.verdict).toBe("reached")
  expect(flood(21)?.verdict).toBe("not reached")
})

it("has no verdict without both figures", () => {
  expect(verdictOf(rates([20], []).slice(0, 1))?.verdict).toBe("not measured")
  expect(verdictOf([])?.verdict).toBe("not measured")
})
