import { UnsupportedCommandError } from "../errors.ts"

/** The refusal of a transaction whose keys no single node has. */
export function crossSlotError(slots: number): UnsupportedCommandError {
  return new UnsupportedCommandError(
    `MULTI: CROSSSLOT: its keys are in ${slots} slots of the cluster, and a transaction runs on one node: ` +
      "give them a common hash tag, as in {user:1}:name and {user:1}:mail",
    { fate: "unsent" },
  )
}
