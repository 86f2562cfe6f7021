import { type ParseArgsOptionsConfig, parseArgs } from "node:util"
import { nearest } from "@warmpool/core/config"
import { UsageError } from "./command.ts"

/** The flags of a command and what they are set to. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>

/** Flags that people try and that must not be: every process on the machine can read a command line. */
const SECRETS: Readonly<Record<string, string>> = {
  token: "WARMPOOL_TOKENS or --tokens-file",
  tokens: "WARMPOOL_TOKENS or --tokens-file",
  url: "REDIS_URL",
  redis: "REDIS_URL",
  "redis-url": "REDIS_URL",
  password: "REDIS_URL",
}

/**
 * Reads flags, `--name value` or `--name=value`.
 *
 * @throws UsageError for an unknown flag, one without its value, and anything that is no flag.
 */
export function readFlags(command: string, args: readonly string[], options: ParseArgsOptionsConfig): Flags {
  for (const arg of args) checkName(command, arg, Object.keys(options))
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false, strict: true }).values as Flags
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL")
      throw new UsageError(`${command} takes flags alone: see --help`)
    throw new UsageError(`${command}: a flag lacks its value, or has one too many: see --help`)
  }
}

/** A flag as a whole number; undefined where it is not set. @throws UsageError for anything else. */
export function numberOf(flags: Flags, name: string): number | undefined {
  return wholeNumber(`--${name}`, flags[name])
}

/** What a flag or a variable is set to, as a whole number. @throws UsageError for anything else. */
export function wholeNumber(shown: string, value: Flags[string]): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== "string" || !/^\d{1,15}$/.test(value))
    throw new UsageError(`${shown} takes a whole number`)
  return Number(value)
}

/** A flag as text; undefined where it is not set. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name]
  return typeof value === "string" ? value : undefined
}

function checkName(command: string, arg: string, known: readonly string[]): void {
  if (/^-[a-z]/i.test(arg) && arg !== "-h")
    throw new UsageError(`${command}: unknown flag ${arg.slice(0, 2)}: see --help`)
  const name = /^--([^=]+)/.exec(arg)?.[1]
  if (name === undefined || known.includes(name)) return
  const place = SECRETS[name]
  if (place)
    throw new UsageError(
      `${command}: --${name} would show a secret to everybody on this machine: set ${place}`,
    )
  const meant = nearest(name, known)
  throw new UsageError(
    `${command}: unknown flag --${name}: ${meant ? `did you mean --${meant}?` : "see --help"}`,
  )
}
