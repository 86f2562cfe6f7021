import { ArgumentError, type Fate, WarmpoolError } from "./errors.ts"

const fates = new WeakMap<Promise<unknown>, Fate>()

/**
 * What became of a command whose promise was rejected, also when the reason is the caller's own (an abort).
 * Takes the very promise that the command returned, not one derived from it.
 *
 * @returns undefined while it is pending, after a reply, and for promises that are not a command's.
 * @throws ArgumentError for what is no promise.
 */
export function fateOf(promise: Promise<unknown>): Fate | undefined {
  if (typeof promise?.then !== "function")
    throw new ArgumentError("fateOf takes the promise that the command returned, not its reply or its error")
  return fates.get(promise)
}

/** Notes the fate of a command before its promise is rejected. */
export function noteFate(promise: Promise<unknown>, error: unknown, fate: Fate | undefined): void {
  const known = fate ?? (error instanceof WarmpoolError ? error.fate : undefined)
  if (known !== undefined) fates.set(promise, known)
}
