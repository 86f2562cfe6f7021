import { InstanceOptionError } from "./errors.ts"
import { checkEnv, checkLog, checkRanges, findFile, refuseUnknown } from "./option-checks.ts"

/** What an instance is made of. */
export interface FluidOptions {
  /** A file that exports Web handlers (`GET`, `POST`, …, `fetch`), or a Node handler `(req, res)` as default. */
  readonly handler: string | URL
  /** The function's environment; nothing else of this process's environment but PATH reaches it. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether the instance stops when nothing keeps it awake. @defaultValue true */
  readonly suspend?: boolean
  /** How long nothing must have kept it awake before it is suspended, ms. @defaultValue 0 */
  readonly suspendAfterMs?: number
  /**
   * Longest that a request may take, and keep the instance awake afterwards, seconds.
   * @defaultValue what the file exports as `maxDuration`, else 300
   */
  readonly maxDurationS?: number
  /** Longest that an instance may take to come up, ms. @defaultValue 10_000 */
  readonly initTimeoutMs?: number
  /** What SIGTERM leaves an instance to end by itself, ms. @defaultValue 500 */
  readonly graceMs?: number
  /** Port of the host. @defaultValue a free one */
  readonly port?: number
  /** Takes every line that an instance writes. */
  readonly log?: (line: string) => void
}

/** Options, checked and complete, but for the handler's own `maxDuration`. */
export interface FluidSettings extends Required<Omit<FluidOptions, "handler" | "maxDurationS">> {
  readonly file: string
  readonly maxDurationS: number | undefined
}

const RANGES = {
  suspendAfterMs: [0, 86_400_000],
  maxDurationS: [0.001, 900],
  initTimeoutMs: [1, 900_000],
  graceMs: [1, 60_000],
  port: [0, 65_535],
} as const

const NAMES = [...Object.keys(RANGES), "handler", "env", "suspend", "log"]

/**
 * Checks what the user gave and fills in the rest.
 *
 * @throws InstanceOptionError naming the option and the fix.
 */
export function checkOptions(options: FluidOptions): FluidSettings {
  refuseUnknown("startFluid", options, NAMES)
  checkRanges(options, RANGES)
  checkEnv(options.env)
  checkLog(options.log)
  if (options.suspend !== undefined && typeof options.suspend !== "boolean") {
    throw new InstanceOptionError("suspend must be true or false")
  }
  return {
    file: findFile(options.handler),
    env: options.env ?? {},
    suspend: options.suspend ?? true,
    suspendAfterMs: options.suspendAfterMs ?? 0,
    maxDurationS: options.maxDurationS,
    initTimeoutMs: options.initTimeoutMs ?? 10_000,
    graceMs: options.graceMs ?? 500,
    port: options.port ?? 0,
    log: options.log ?? (() => {}),
  }
}
