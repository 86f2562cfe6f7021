import { ConfigError } from "@warmpool/core"
import { integer, readOptions, text } from "@warmpool/core/config"
import { LONGEST_HOLD_MS } from "./ping.ts"

/** What `createWarmer` takes. */
export interface WarmerOptions {
  /** A name or ARN, with an alias where events are sent to one. @defaultValue the variable `WARM_FUNCTION_NAME` */
  readonly functionName?: string | undefined
  /** How many sandboxes stay warm. @defaultValue the variable `WARM_SANDBOXES`, else 1 */
  readonly sandboxes?: number | undefined
  /** How long each ping occupies its sandbox, ms: until the last of them has arrived. @defaultValue 250 */
  readonly holdMs?: number | undefined
}

/** Options with their defaults filled in. */
export interface WarmerSettings {
  readonly functionName: string
  readonly sandboxes: number
  readonly holdMs: number
}

const WHERE = "createWarmer"
const spec = { functionName: text(), sandboxes: integer(1, 1_000), holdMs: integer(1, LONGEST_HOLD_MS, 250) }

/**
 * Checks options, and takes those that are missing from the environment.
 *
 * @throws ConfigError naming the option or the variable that is wrong.
 */
export function readWarmerOptions(
  options: WarmerOptions,
  env: Readonly<Record<string, string | undefined>>,
): WarmerSettings {
  const { functionName = env["WARM_FUNCTION_NAME"], sandboxes, holdMs } = readOptions(WHERE, spec, options)
  if (!functionName) {
    throw new ConfigError(
      `${WHERE}: there is no function to keep warm: set the variable WARM_FUNCTION_NAME, or pass functionName`,
    )
  }
  return { functionName, sandboxes: sandboxes ?? fromEnv(env["WARM_SANDBOXES"]), holdMs }
}

function fromEnv(given: string | undefined): number {
  if (given === undefined) return 1
  if (/^\d+$/.test(given) && spec.sandboxes.accepts(Number(given))) return Number(given)
  throw new ConfigError(`${WHERE}: the variable WARM_SANDBOXES is wrong; it takes ${spec.sandboxes.expects}`)
}
