import { integer, type Option, object, oneOf, secret } from "./config/options.ts"
import { required } from "./config/required.ts"
import { defaultHost, type Host } from "./host.ts"
import type { RetryWrites } from "./retry.ts"
import type { Transport } from "./transport.ts"

/** What every client takes. Every duration is in milliseconds. */
export interface CommonOptions {
  /** How connections are opened. */
  readonly transport: Transport
  /** What the runtime lends. @defaultValue timers and `setImmediate` of the runtime, no invocations */
  readonly host?: Host | undefined
  /** Longest wait for a reply, connecting and retries included. @defaultValue 1_000 */
  readonly commandTimeoutMs?: number | undefined
  /** Time kept free at the end of an invocation, so that it can still answer. @defaultValue 200 */
  readonly reserveMs?: number | undefined
  /**
   * Which writes may be sent again when no reply came: `"overwrites"` allows plain SET, MSET and HMSET, which undo
   * what another writer wrote in between. @defaultValue "never"
   */
  readonly retryWrites?: RetryWrites | undefined
  /** Put before every key, and taken off nowhere. @defaultValue none */
  readonly keyPrefix?: string | undefined
}

/** The common options with their defaults filled in. */
export interface CommonSettings {
  readonly transport: Transport
  readonly host: Host
  readonly commandTimeoutMs: number
  readonly reserveMs: number
  readonly retryWrites: RetryWrites
  readonly keyPrefix: string
}

/** Longest duration that a timer takes, ms. */
export const LONGEST_MS = 2_147_483_647

/** The names of the options above. */
export const commonOptionSpec = {
  transport: object<Transport>(),
  host: { ...object<Host>(), fallback: defaultHost },
  commandTimeoutMs: integer(1, LONGEST_MS, 1_000),
  reserveMs: integer(0, LONGEST_MS, 200),
  retryWrites: oneOf(["never", "overwrites"], "never"),
  // Empty where an environment says nothing.
  keyPrefix: { ...secret(), fallback: "" },
} as const

/** A transport that has what the client needs; `expects` says where to get it. */
export function transportOption<T extends Transport>(expects: string, member: keyof T): Option<T> {
  const accepts = (value: unknown) => Boolean(Object(value)[member])
  return required<T>({ expects, accepts })
}
