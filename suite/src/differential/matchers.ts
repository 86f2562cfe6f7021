import { expect } from "vitest"

/** An error with such a message. */
export const errorLike = (message: RegExp): unknown =>
  expect.objectContaining({ message: expect.stringMatching(message) })

/** One of these, whichever. */
export function oneOf(candidates: readonly unknown[]): unknown {
  const texts = candidates.map((candidate) => JSON.stringify(candidate))
  return expect.toSatisfy((found: unknown) => texts.includes(JSON.stringify(found)))
}
