import { ArgumentError } from "@warmpool/core"
import type { WireBatch } from "../service/wire.ts"

/**
 * Checks what another Worker sent: the types of a call are the caller's word only, and one argument of another kind
 * would garble the connection for all.
 *
 * @throws ArgumentError for what is no batch.
 */
export function checkBatch({ commands, decode, timeoutMs }: WireBatch): void {
  const decodes: readonly unknown[] = Array.isArray(decode) ? decode : [decode]
  const isBatch =
    Array.isArray(commands) &&
    commands.every((command) => Array.isArray(command) && command.length > 0 && command.every(isArg)) &&
    decodes.every((one) => one === "text" || one === "bytes" || one === "raw") &&
    (timeoutMs === undefined || (Number.isInteger(timeoutMs) && timeoutMs >= 0))
  if (!isBatch)
    throw new ArgumentError("exchange: the pool takes commands as arrays of strings and bytes: use a client")
}

function isArg(arg: unknown): boolean {
  return typeof arg === "string" || arg instanceof Uint8Array
}
