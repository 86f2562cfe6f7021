import { InstanceOptionError } from "../fluid/errors.ts"
import { checkEnv, checkLog, checkRanges, findFile, refuseUnknown } from "../fluid/option-checks.ts"

/** What an Edge function is made of: `handler` or `source`. */
export interface EdgeOptions {
  /**
   * A file in CommonJS form, as bundlers write it for the Edge (`esbuild --bundle --format=cjs
   * --conditions=edge-light`), that exports `GET`, `POST`, …, `fetch`, or a default function.
   */
  readonly handler?: string | URL
  /** The text of such a file. */
  readonly source?: string
  /** What `process.env` holds beside the platform's names; without it there is no `process`. */
  readonly env?: Readonly<Record<string, string>>
  /** Longest that a request may take, seconds. @defaultValue 300 */
  readonly maxDurationS?: number
  /** Longest that the function may take to come up, ms. @defaultValue 10_000 */
  readonly initTimeoutMs?: number
  /** Port of the server. @defaultValue a free one */
  readonly port?: number
  /** Takes every line that the function writes. */
  readonly log?: (line: string) => void
}

/** Options, checked and complete. */
export interface EdgeSettings {
  readonly code: { readonly file: string } | { readonly source: string }
  readonly env: EdgeOptions["env"]
  readonly maxDurationS: number | undefined
  readonly initTimeoutMs: number
  readonly port: number
  readonly log: (line: string) => void
}

const RANGES = {
  maxDurationS: [0.001, 900],
  initTimeoutMs: [1, 900_000],
  port: [0, 65_535],
} as const

const NAMES = [...Object.keys(RANGES), "handler", "source", "env", "log"]

/**
 * Checks what the user gave and fills in the rest.
 *
 * @throws InstanceOptionError naming the option and the fix.
 */
export function checkOptions(options: EdgeOptions): EdgeSettings {
  refuseUnknown("startEdge", options, NAMES)
  checkRanges(options, RANGES)
  checkEnv(options.env)
  checkLog(options.log)
  return {
    code: codeOf(options),
    env: options.env,
    maxDurationS: options.maxDurationS,
    initTimeoutMs: options.initTimeoutMs ?? 10_000,
    port: options.port ?? 0,
    log: options.log ?? (() => {}),
  }
}

function codeOf({ handler, source }: EdgeOptions): EdgeSettings["code"] {
  if (source === undefined) return { file: findFile(handler) }
  if (handler !== undefined) throw new InstanceOptionError("handler and source exclude each other: give one")
  if (typeof source === "string") return { source }
  throw new InstanceOptionError("source must be the text of a bundle")
}
