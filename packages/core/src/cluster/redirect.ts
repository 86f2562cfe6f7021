import { specOf } from "../commands/table.ts"
import { ReplyError } from "../errors.ts"
import type { Call } from "../pending.ts"

/** Where a node of a cluster sends those who ask for what it does not have. */
export interface Redirect {
  /** `ASK` holds for one command, `MOVED` from now on. */
  readonly kind: "MOVED" | "ASK"
  readonly slot: number
  /** `host:port`; the host is empty where it is that of the node which answered. */
  readonly address: string
}

/** Makes the node obey the next command though the slot is not yet its own. */
export const ASKING: Call = {
  spec: specOf("asking"),
  decode: "text",
  args: ["ASKING"],
  transform: undefined,
  replayable: true,
}

const REDIRECT = /^(MOVED|ASK) (\d+) (\S+)$/

/** The redirect that an error is, or that a transaction was aborted for. */
export function redirectOf(error: Error | undefined): Redirect | undefined {
  if (!(error instanceof ReplyError)) return undefined
  const [, kind, slot, address] = REDIRECT.exec(error.message) ?? []
  if (address !== undefined) return { kind: kind === "ASK" ? "ASK" : "MOVED", slot: Number(slot), address }
  const previous = error.previousErrors?.map(redirectOf)
  return previous?.find((redirect) => redirect !== undefined)
}
