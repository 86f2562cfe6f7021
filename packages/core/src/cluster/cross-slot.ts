import { ArgumentError, UnsupportedCommandError } from "../errors.ts"
import { slotOf } from "./slot.ts"

/** The refusal of a transaction whose keys no single node has. */
export function crossSlotError(slots: number): UnsupportedCommandError {
  return new UnsupportedCommandError(
    `MULTI: CROSSSLOT: its keys are in ${slots} slots of the cluster, and a transaction runs on one node: ` +
      "give them a common hash tag, as in {user:1}:name and {user:1}:mail",
    { fate: "unsent" },
  )
}

/**
 * The slot of shard channels that are subscribed to together; undefined without any.
 *
 * @throws ArgumentError where there are several.
 */
export function slotOfChannels(channels: readonly string[]): number | undefined {
  const [slot, ...others] = new Set(channels.map((channel) => slotOf(String(channel))))
  if (others.length === 0) return slot
  throw new ArgumentError(
    `ssubscribe: CROSSSLOT: the channels are in ${others.length + 1} slots of the cluster: subscribe to each slot by ` +
      "itself, or give them a common hash tag, as in {user:1}:in and {user:1}:out",
    { fate: "unsent" },
  )
}
