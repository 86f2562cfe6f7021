import { expect } from "vitest"

/** The error that a promise is rejected with; fails the test if it is not. */
export async function failure(promise: PromiseLike<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  expect(outcome, "was expected to be rejected").toHaveProperty("error")
  if ("error" in outcome && outcome.error instanceof Error) return outcome.error
  throw new Error("was rejected with something that is no error")
}
