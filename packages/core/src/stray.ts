function ignore(): void {}

/**
 * Keeps the rejection of a command that nobody awaits from ending the process, which is what Lambda makes of an
 * unhandled one. Whoever does await the promise gets the error all the same.
 */
export function harmless<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore)
  return promise
}

/** A promise that was rejected from the start, and harms nobody. */
export function rejected(error: unknown): Promise<never> {
  return harmless(Promise.reject(error))
}
