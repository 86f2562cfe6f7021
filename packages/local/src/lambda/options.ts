import { nearest } from "../nearest.ts"
import { shown } from "../shown.ts"
import { LambdaOptionError } from "./errors.ts"
import { findHandler, type HandlerFile } from "./handler-file.ts"

/** When a sandbox is frozen. */
export interface FreezeOptions {
  /** Also freezes a new sandbox for so long between its init and its first invocation. @defaultValue 0 */
  readonly afterInitMs?: number
}

/** What a local function is made of. Every duration is in milliseconds. */
export interface LambdaOptions {
  /** A file that exports `handler`, or `file.exportName`; relative paths start at the working directory. */
  readonly handler: string | URL
  /** @defaultValue "local" */
  readonly functionName?: string
  /** Most sandboxes at once; above it invocations are throttled and events queued. @defaultValue 10 */
  readonly concurrency?: number
  /** Whether sandboxes stop between invocations. @defaultValue true */
  readonly freeze?: boolean | FreezeOptions
  /** Memory of a sandbox, MB; above it the sandbox is killed (Linux). @defaultValue 512 */
  readonly memory?: number
  /** Longest an invocation may take. @defaultValue 3_000 */
  readonly timeoutMs?: number
  /** Longest an init may take. @defaultValue 10_000 */
  readonly initTimeoutMs?: number
  /** How long an unused sandbox lives. @defaultValue 600_000 */
  readonly reapAfterMs?: number
  /** The function's environment; nothing else of this process's environment but PATH reaches it. */
  readonly env?: Readonly<Record<string, string>>
  /** A command to start in place of our runtime, such as `["npx", "aws-lambda-ric", "index.handler"]`. */
  readonly runtime?: readonly string[]
  /** Port of the Invoke API. @defaultValue a free one */
  readonly port?: number
  /** @defaultValue "us-east-1" */
  readonly region?: string
  /** Takes every log line of every sandbox. */
  readonly log?: (line: string, sandbox: string) => void
}

/** Options, checked and complete. */
export interface Settings extends Required<Omit<LambdaOptions, "handler" | "freeze" | "runtime">> {
  readonly handler: HandlerFile
  readonly freeze: boolean
  readonly afterInitMs: number
  readonly runtime: readonly string[] | undefined
  readonly arn: string
}

const RANGES = {
  concurrency: [1, 1000],
  memory: [128, 10_240],
  timeoutMs: [1, 900_000],
  initTimeoutMs: [1, 900_000],
  reapAfterMs: [0, 86_400_000],
  port: [0, 65_535],
} as const

const NAMES: readonly string[] = [
  ...Object.keys(RANGES),
  "handler",
  "functionName",
  "freeze",
  "env",
  "runtime",
  "region",
  "log",
]

/** Set by Lambda itself; a function can't choose them. */
const RESERVED = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_EXECUTION_ENV",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
])

/**
 * Checks what the user gave and fills in the rest.
 *
 * @throws LambdaOptionError naming the option and the fix.
 */
export function checkOptions(options: LambdaOptions): Settings {
  refuseUnknown(options)
  checkRanges(options)
  checkEnv(options.env)
  checkRuntime(options.runtime)
  const functionName = checkName(options.functionName)
  const region = checkRegion(options.region)
  if (options.log !== undefined && typeof options.log !== "function") {
    throw new LambdaOptionError("log must be a function that takes a line")
  }
  const freeze = options.freeze ?? true
  return {
    handler: findHandler(checkHandler(options.handler)),
    functionName,
    concurrency: options.concurrency ?? 10,
    freeze: freeze !== false,
    afterInitMs: afterInit(freeze),
    memory: options.memory ?? 512,
    timeoutMs: options.timeoutMs ?? 3000,
    initTimeoutMs: options.initTimeoutMs ?? 10_000,
    reapAfterMs: options.reapAfterMs ?? 600_000,
    env: options.env ?? {},
    runtime: options.runtime,
    port: options.port ?? 0,
    region,
    log: options.log ?? (() => {}),
    arn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
  }
}

function refuseUnknown(options: LambdaOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new LambdaOptionError("startLambda needs options: startLambda({ handler: ... })")
  }
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue
    throw new LambdaOptionError(`unknown option "${name}": did you mean "${nearest(name, NAMES)}"?`)
  }
}

function checkRanges(options: LambdaOptions): void {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value: unknown = Reflect.get(options, name)
    if (value === undefined) continue
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) continue
    throw new LambdaOptionError(
      `${name} must be a whole number from ${least} to ${most}, not ${shown(value)}`,
    )
  }
}

function checkEnv(env: LambdaOptions["env"] = {}): void {
  if (typeof env !== "object" || env === null || Array.isArray(env))
    throw new LambdaOptionError("env must be an object of strings")
  for (const [name, value] of Object.entries(env)) {
    if (RESERVED.has(name)) throw new LambdaOptionError(`env.${name} is set by Lambda itself: leave it out`)
    if (typeof value !== "string")
      throw new LambdaOptionError(`env.${name} must be a string, not ${typeof value}`)
    if (value.includes("\0")) throw new LambdaOptionError(`env.${name} holds a null byte: no environment can`)
  }
}

function checkRuntime(runtime: LambdaOptions["runtime"]): void {
  if (runtime === undefined) return
  if (Array.isArray(runtime) && runtime.length > 0 && runtime.every((part) => typeof part === "string"))
    return
  throw new LambdaOptionError(
    'runtime must be a command line, such as ["npx", "aws-lambda-ric", "index.handler"]',
  )
}

function checkHandler(handler: unknown): string | URL {
  if (handler instanceof URL && handler.protocol === "file:") return handler
  if (typeof handler === "string" && handler !== "") return handler
  throw new LambdaOptionError("handler must be a path, a file: URL or file.exportName")
}

function checkName(name = "local"): string {
  if (/^[a-zA-Z0-9-_]{1,64}$/.test(name)) return name
  throw new LambdaOptionError("functionName must be 1 to 64 letters, digits, hyphens or underscores")
}

function checkRegion(region = "us-east-1"): string {
  if (typeof region === "string" && /^[a-z0-9-]+$/.test(region)) return region
  throw new LambdaOptionError("region must be the name of a region, such as us-east-1")
}

function afterInit(freeze: boolean | FreezeOptions): number {
  if (typeof freeze === "boolean") return 0
  if (typeof freeze !== "object" || freeze === null) {
    throw new LambdaOptionError("freeze must be true, false or { afterInitMs }")
  }
  const { afterInitMs = 0, ...others } = freeze
  const [odd] = Object.keys(others)
  if (odd !== undefined)
    throw new LambdaOptionError(`unknown option "freeze.${odd}": did you mean "afterInitMs"?`)
  if (Number.isInteger(afterInitMs) && afterInitMs >= 0) return afterInitMs
  throw new LambdaOptionError(`freeze.afterInitMs must be a whole number from 0, not ${shown(afterInitMs)}`)
}
