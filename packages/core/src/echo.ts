import { ReplyError } from "./errors.ts"
import type { Arg } from "./transport.ts"

/** A shorter argument is cut only where the server quotes it: it may be part of any word. */
const SHORTEST_WORD = 4
/** What stands in an argument's place. */
const CUT = "…"
/** The server names the wrong subcommand, which is no value. */
const NAMES_SUBCOMMAND = /^ERR unknown subcommand\b/i
/** Their first argument is code: without it nobody could mend the code. */
const TAKES_CODE = /^(?:eval|eval_ro|function)$/i

/**
 * The server's error without the arguments that it echoes: keys (`NOGROUP No such key 'k'`), values, passwords
 * (`Error in ACL SETUSER modifier '…'`). The same error if there are none. The name and code of a script stay.
 */
export function withoutEcho(error: Error, args: readonly Arg[]): Error {
  if (!(error instanceof ReplyError)) return error
  const message = cut(error.message, args)
  const previousErrors = error.previousErrors?.map((previous) => withoutEcho(previous, args) as ReplyError)
  const same = previousErrors?.every((previous, index) => previous === error.previousErrors?.[index]) ?? true
  if (message === error.message && same) return error
  const { cause, fate, waitedMs } = error
  return new ReplyError(message, {
    cause,
    ...(fate && { fate }),
    ...(waitedMs !== undefined && { waitedMs }),
    ...(previousErrors && { previousErrors }),
  })
}

function cut(message: string, [name, ...args]: readonly Arg[]): string {
  if (NAMES_SUBCOMMAND.test(message)) return message
  const values = typeof name === "string" && TAKES_CODE.test(name) ? args.slice(1) : args
  // The first word is the error's kind, which others rely on.
  const start = Math.max(0, message.indexOf(" "))
  let rest = message.slice(start)
  for (const value of values) {
    const text = shownAs(value, rest.length)
    if (text === "" || text.length > rest.length || !rest.includes(text)) continue
    rest = rest.replaceAll(`'${text}'`, `'${CUT}'`)
    if (text.length >= SHORTEST_WORD) rest = rest.replaceAll(text, CUT)
  }
  return message.slice(0, start) + rest
}

/** An argument as an error would show it: without line ends. Empty if it is longer than the whole message. */
function shownAs(value: Arg, longest: number): string {
  if (value.length > longest) return ""
  const text = typeof value === "string" ? value : new TextDecoder().decode(value)
  return text.replaceAll(/[\r\n]/g, " ")
}
