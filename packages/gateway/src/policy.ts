import type { Arg } from "@warmpool/core"
import {
  BLOCKING,
  BY_SUBCOMMAND,
  type CommandSpec,
  commandSpecs,
  isBlocking,
  isRead,
  isStateful,
  isUnsendable,
  keyPatternPositions,
  keyPositions,
  MOVABLE_KEYS,
  specOf,
} from "@warmpool/core/commands"
import { isAdministrative } from "./administrative.ts"
import type { Grant } from "./grants.ts"
import type { Command } from "./target.ts"

/** What a command needs that was let through. */
export type Verdict = { readonly refusal: string } | { readonly blocks: boolean }

/** Commands without keys that tell nothing of other people's, and change nothing. */
const KEYLESS = new Set(["ping", "echo", "time"])
/** Commands whose first argument is a channel. */
const TO_CHANNEL = new Set(["publish", "spublish"])
/** Reads that look at all keys: dear, and more than a public token should see. Source: Upstash, "Read Only" tokens. */
const SWEEPING = new Set(["keys", "scan"])

/** What stands for other characters in a pattern. */
const SPECIAL = /[*?[\\]/g

/** Of a module's command, where its keys are is not known. */
const KNOWN: ReadonlySet<CommandSpec> = new Set(commandSpecs)

const decoder = new TextDecoder("latin1")
const utf8 = new TextEncoder()
const PASSED: Verdict = { blocks: false }
const BLOCKS: Verdict = { blocks: true }

/** Whether a token may run a command. */
export function judge(grant: Grant, command: Command): Verdict {
  const name = latin1(command[0])
  // The server compares names as C strings in a table that hashes all bytes: a NUL could smuggle any name past us.
  if (!/^[!-~]{1,64}$/.test(name)) return refuse("ERR unknown command")
  const spec = specOf(name)
  const listed = grant.commands.has(spec.name)
  if (!listed && !grant.commands.has("*")) return notPermitted(spec)
  const subcommand = (spec.flags & BY_SUBCOMMAND) === 0 ? "" : latin1(command[1])
  if (!/^[!-~]{0,64}$/.test(subcommand)) return refuse("ERR unknown subcommand")
  if (isUnsendable(spec, command) || isStateful(spec, command)) return unavailable(spec, subcommand)
  if (!listed && isAdministrative(spec, subcommand.toLowerCase())) return unavailable(spec, subcommand)
  const blocks = mayBlock(spec, command)
  if (blocks && !listed) return unavailable(spec, subcommand)
  if (grant.readOnly && !(isRead(spec, command) && (listed || !SWEEPING.has(spec.name))))
    return notPermitted(spec)
  if (grant.prefix !== "" && !staysWithin(grant.prefix, spec, { command, listed })) return OUTSIDE
  return blocks ? BLOCKS : PASSED
}

/** Whether a token may listen to channels. */
export function mayListen(grant: Grant, name: string, channels: readonly Arg[]): Verdict {
  const spec = specOf(name)
  if (!grant.commands.has("*") && !grant.commands.has(spec.name)) return notPermitted(spec)
  if (spec.name === "monitor" && grant.prefix !== "") return notPermitted(spec)
  if (grant.readOnly && spec.name === "monitor") return notPermitted(spec)
  const prefix = name === "psubscribe" ? grant.prefix.replace(SPECIAL, "\\$&") : grant.prefix
  return channels.every((channel) => beginsWith(channel, prefix)) ? PASSED : OUTSIDE_CHANNEL
}

const OUTSIDE: Verdict = refuse("NOPERM No permissions to access a key")
const OUTSIDE_CHANNEL: Verdict = refuse("NOPERM No permissions to access a channel")

function refuse(refusal: string): Verdict {
  return { refusal }
}

function notPermitted({ name }: CommandSpec): Verdict {
  return refuse(`NOPERM this user has no permissions to run the '${name}' command or its subcommand`)
}

function unavailable({ wire }: CommandSpec, subcommand: string): Verdict {
  const words = subcommand === "" ? wire : `${wire} ${subcommand.toUpperCase()}`
  return refuse(
    `ERR Command is not available: '${words}'. It blocks, changes the connection or is administrative`,
  )
}

/** Where a NUL misleads our reading of XREAD's options, the server might read one of its words as BLOCK. */
function mayBlock(spec: CommandSpec, command: Command): boolean {
  if ((spec.flags & BLOCKING) === 0) return false
  if (isBlocking(spec, command)) return true
  // The server would take "BLOCK\0" for BLOCK, and "GROUP\0" for GROUP, whose operands are no options.
  if (!spec.name.startsWith("xread") || !command.some(hasNul)) return false
  return command.some((word) => /^block/i.test(latin1(word)))
}

interface Judged {
  readonly command: Command
  readonly listed: boolean
}

/** Whether everything that a command names begins with the prefix. What we can't tell is taken for a no. */
function staysWithin(prefix: string, spec: CommandSpec, { command, listed }: Judged): boolean {
  if (KEYLESS.has(spec.name)) return true
  if (TO_CHANNEL.has(spec.name)) return beginsWith(command[1] ?? "", prefix)
  const isScript = /^(?:eval|fcall)/.test(spec.name)
  if (isScript && !listed) return false
  // The server would take "STORE\0" for STORE.
  if ((spec.flags & MOVABLE_KEYS) !== 0 && !isScript && command.some(hasNul)) return false
  const keys = keyPositions(spec, command)
  const patterns = keyPatternPositions(spec, command)
  // The server would put an element in the place of the first `*`.
  if (patterns.length > 0 && prefix.includes("*")) return false
  // A command that names no key looks at all, or at none: then its being listed decides.
  const takesKeys = spec.firstKey > 0 || (spec.flags & MOVABLE_KEYS) !== 0
  if (keys.length === 0 && !isScript && (takesKeys || !listed)) return false
  if (!KNOWN.has(spec)) return beginsWith(command[1] ?? "", prefix)
  return [...keys, ...patterns].every((at) => beginsWith(command[at] ?? "", prefix))
}

function beginsWith(arg: Arg, prefix: string): boolean {
  if (typeof arg === "string") return arg.startsWith(prefix)
  const head = utf8.encode(prefix)
  return head.every((byte, at) => arg[at] === byte)
}

function hasNul(arg: Arg): boolean {
  return typeof arg === "string" ? arg.includes("\0") : arg.includes(0)
}

function latin1(arg: Arg | undefined): string {
  if (arg === undefined) return ""
  return typeof arg === "string" ? arg : decoder.decode(arg)
}
