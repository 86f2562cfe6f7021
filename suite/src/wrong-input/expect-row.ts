import { expect } from "vitest"
import { SECRET } from "./row.ts"
import type { Told } from "./told.ts"

/** The error is of the right kind, names the option and the fix, and holds no secret. */
export function expectRow(told: Told | undefined, { error, says }: { error: string; says: RegExp }): void {
  expect(told, "the input was taken without an error").toBeDefined()
  expect(told).toMatchObject({ name: error, message: expect.stringMatching(says) })
  expect(told?.whole).not.toContain(SECRET)
}
