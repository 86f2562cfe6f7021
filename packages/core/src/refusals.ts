import { alternativeTo } from "./commands/alternatives.ts"
import { UnsupportedCommandError } from "./errors.ts"
import type { Call } from "./pending.ts"

/** The refusal of a command that no lane can carry. */
export function unsendableError({ spec }: Call): UnsupportedCommandError {
  return unsent(`${spec.wire}: ${alternativeTo(spec)}`)
}

/** The refusal of a command that depends on its connection, on a lane that shares one. */
export function statefulError({ spec }: Call): UnsupportedCommandError {
  return unsent(`${spec.wire} changes the connection, which others share: ${alternativeTo(spec)}`)
}

/** The refusal of a command that would hold up the whole pipeline, and everyone who shares its connection. */
export function blockingError({ spec }: Call): UnsupportedCommandError {
  return unsent(`${spec.wire} waits on the server, and a pipeline would wait with it: call it on its own`)
}

/** The refusal of a lease where a transport has none to give. */
export function leaselessError(): UnsupportedCommandError {
  return unsent(
    "there is no connection to lease: blocking commands, WATCH and SELECT need a transport over TCP",
  )
}

function unsent(message: string): UnsupportedCommandError {
  return new UnsupportedCommandError(message, { fate: "unsent" })
}
