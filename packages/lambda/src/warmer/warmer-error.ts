import { WarmpoolError } from "@warmpool/core"

/** The function could not be kept warm; the message says why, and what to change. Nothing is tried again. */
export class WarmerError extends WarmpoolError {
  override readonly name = "WarmerError"
  readonly code = "ERR_WARMER"
}

/** How many pings there were, and to which function. */
export interface Round {
  readonly functionName: string
  readonly asked: number
}

/** What Lambda refuses, by the name of its error. */
const FIXES: Readonly<Record<string, string>> = {
  TooManyRequestsException:
    "was throttled: raise its reserved concurrency, or the account's, above the sandboxes to keep warm",
  ResourceNotFoundException: "does not exist in this region and account: correct functionName",
  AccessDeniedException: "may not be invoked: allow lambda:InvokeFunction on its ARN to the warmer's role",
}

/** For pings that Lambda did not deliver. */
export function undelivered({ functionName, asked }: Round, causes: readonly unknown[]): WarmerError {
  const [cause] = causes
  const name = nameOf(cause)
  const why = FIXES[name] ?? `could not be reached (${name})`
  return new WarmerError(`${functionName} ${why}; ${causes.length} of ${asked} pings failed`, { cause })
}

/** For pings that the function itself failed on. */
export function failedOn({ functionName, asked }: Round, errorTypes: readonly string[]): WarmerError {
  const [first] = errorTypes
  return new WarmerError(
    `${functionName} failed on ${errorTypes.length} of ${asked} pings (${first}): see its log, and wrap its handler in withRedis`,
  )
}

/** For pings that the function took for an event of its own. */
export function mistaken({ functionName, asked }: Round, count: number): WarmerError {
  return new WarmerError(
    `${functionName} took ${count} of ${asked} pings for events: wrap its handler in withRedis of this version`,
  )
}

/** For sandboxes that are warm and have no connection. */
export function unconnected({ functionName, asked }: Round, codes: readonly string[]): WarmerError {
  const [first] = codes
  return new WarmerError(
    `${functionName} is warm, and ${codes.length} of ${asked} pings found no way to its server (${first})`,
  )
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : "unknown error"
}
