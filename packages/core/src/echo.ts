import { decoder } from "./commands/replies.ts"
import { BY_SUBCOMMAND, specOf } from "./commands/table.ts"
import { ReplyError } from "./errors.ts"
import type { Arg } from "./transport.ts"

/** A shorter argument is cut only where the server quotes it: it may be part of any word. */
const SHORTEST_WORD = 4
/** Every value is looked for in every error of a transaction; of those beyond this many looks only the kind is shown. */
const MOST_COMPARISONS = 1_000_000
/** What stands in an argument's place. */
const CUT = "…"
/** A redirect names a slot and an address, and an argument may happen to look like one of them. */
const REDIRECTS = /^(?:MOVED|ASK) \d+ \S+$/
/** Their first argument is code: without it nobody could mend the code. */
const TAKES_CODE = /^eval(?:_ro)?$/i

/**
 * The server's error without the arguments that it echoes: keys (`NOGROUP No such key 'k'`), values, passwords
 * (`Error in ACL SETUSER modifier '…'`). The same error if there are none. Names of commands and subcommands and the
 * code of a script stay.
 */
export function withoutEcho(error: Error, commands: readonly (readonly Arg[])[]): Error {
  if (!(error instanceof ReplyError)) return error
  const values = commands.flatMap(valuesOf)
  const message = cut(error.message, values)
  const previousErrors = error.previousErrors?.map(
    (one, index) =>
      new ReplyError(
        index * values.length > MOST_COMPARISONS ? `${one.kind} ${CUT}` : cut(one.message, values),
        one,
      ),
  )
  if (message === error.message && previousErrors === undefined) return error
  const { cause, fate, waitedMs } = error
  return new ReplyError(message, { cause, fate, waitedMs, previousErrors })
}

function cut(message: string, values: readonly Arg[]): string {
  if (REDIRECTS.test(message)) return message
  // The first word is the error's kind, which others rely on.
  const start = Math.max(0, message.indexOf(" "))
  let rest = message.slice(start)
  const texts = values.map((value) => shownAs(value, rest.length)).filter((text) => rest.includes(text))
  // The longest come first: of `key:1`, cutting `key` would leave `:1`.
  for (const text of texts.sort((a, b) => b.length - a.length))
    rest = text.length < SHORTEST_WORD ? rest.replaceAll(`'${text}'`, `'${CUT}'`) : rest.replaceAll(text, CUT)
  return message.slice(0, start) + rest
}

/** What may be a key or a value: neither the name of the command nor its subcommand, nor the code of a script. */
function valuesOf([name, ...args]: readonly Arg[]): readonly Arg[] {
  if (typeof name !== "string") return args
  const hasSubcommand = (specOf(name).flags & BY_SUBCOMMAND) !== 0
  return hasSubcommand || TAKES_CODE.test(name) ? args.slice(1) : args
}

/** An argument as an error would show it: without line ends. Empty if it is longer than the whole message. */
function shownAs(value: Arg, longest: number): string {
  if (value.length > longest) return ""
  return (typeof value === "string" ? value : decoder.decode(value)).replaceAll(/[\r\n]/g, " ")
}
