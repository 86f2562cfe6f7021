import { ArgumentError } from "@warmpool/core"
import type { RawCommand } from "@warmpool/core/lane"
import type { WireBatch } from "../service/wire.ts"

type Sent = WireBatch["sent"][number][1]

/**
 * Checks what another Worker sent: the types of a call are the caller's word only, and one argument of another kind
 * would garble the connection for all.
 *
 * @throws ArgumentError for what is no batch.
 */
export function checkBatch({ sent, patienceMs }: WireBatch): void {
  const isBatch =
    Array.isArray(sent) && sent.every(isSent) && typeof patienceMs === "number" && patienceMs >= 0
  if (!isBatch)
    throw new ArgumentError("exchange: the pool takes commands as arrays of strings and bytes: use a client")
}

/** Whether they are the commands of a transaction: a command has a name at least. */
export function isTransaction(sent: Sent): sent is readonly RawCommand[] {
  return sent.length === 0 || Array.isArray(sent[0])
}

function isSent(one: WireBatch["sent"][number]): boolean {
  if (!Array.isArray(one)) return false
  const [decode, sent]: readonly [unknown, Sent] = one
  const isDecode = decode === "text" || decode === "bytes" || decode === "raw"
  return isDecode && Array.isArray(sent) && (isTransaction(sent) ? sent.every(isCommand) : isCommand(sent))
}

function isCommand(command: unknown): boolean {
  return Array.isArray(command) && command.length > 0 && command.every(isArg)
}

function isArg(arg: unknown): boolean {
  return typeof arg === "string" || arg instanceof Uint8Array
}
