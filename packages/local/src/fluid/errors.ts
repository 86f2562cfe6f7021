import type { Exit } from "../lambda/process-group.ts"

/** An option of `startFluid` or `startEdge` is wrong; the message names it and the fix. */
export class InstanceOptionError extends Error {
  override readonly name = "InstanceOptionError"
  readonly code = "ERR_CONFIG"
}

/** An instance did not come up; the message ends with what it wrote. */
export class InstanceInitError extends Error {
  override readonly name = "InstanceInitError"
  readonly code = "ERR_INSTANCE_INIT"
}

/** The instance is gone: what was awaited of it can't happen any more. */
export class InstanceEndedError extends Error {
  override readonly name = "InstanceEndedError"
  readonly code = "ERR_INSTANCE_ENDED"
}

/** How a process ended, in words. */
export function endingOf({ code, signal, error }: Exit): string {
  if (error !== undefined) return `could not be started: ${error}`
  if (signal) return `was ended by ${signal}`
  return `exited with status ${code}`
}
