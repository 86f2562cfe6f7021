import type { Command } from "./target.ts"

/** A body that holds no commands as it should; the message says what is wrong with it. */
export class CommandsError extends Error {
  override readonly name = "CommandsError"
}

/** There are more commands, or arguments of one, than allowed. */
export class TooManyError extends Error {
  override readonly name = "TooManyError"
}

/** The most of what one request may hold. */
export interface Bounds {
  readonly maxCommands: number
  readonly maxArguments: number
}

const strict = new TextDecoder("utf-8", { fatal: true })

/**
 * Reads `["SET", "k", 1]`.
 *
 * @throws CommandsError for anything else; TooManyError beyond the bounds.
 */
export function readCommand(body: Uint8Array, bounds: Bounds): Command {
  return toCommand(parse(body), bounds)
}

/**
 * Reads `[["SET", "k", 1], ["GET", "k"]]`.
 *
 * @throws CommandsError for anything else; TooManyError beyond the bounds.
 */
export function readCommands(body: Uint8Array, bounds: Bounds): Command[] {
  const value = parse(body)
  if (!Array.isArray(value)) throw new CommandsError("ERR the body must be a JSON array of commands")
  if (value.length === 0) throw new CommandsError("ERR empty pipeline request")
  if (value.length > bounds.maxCommands)
    throw new TooManyError(`ERR max number of commands exceeded. Limit: ${bounds.maxCommands}`)
  return value.map((one) => toCommand(one, bounds))
}

function parse(body: Uint8Array): unknown {
  let source = ""
  try {
    source = strict.decode(body)
  } catch {
    throw new CommandsError("ERR the body is not UTF-8: send bytes as the body of a path command")
  }
  try {
    return exactly(source, JSON.parse(source))
  } catch {
    throw new CommandsError("ERR the body is not JSON")
  }
}

/** A number that a double may round. */
const LONG = /-?\d[\d.eE+-]{15,}/g

/** Long numbers are taken as they were written. A reviver would cost seconds: ten megabytes hold five million numbers. */
function exactly(source: string, value: unknown): unknown {
  if (!/[-[,\s][0-9.eE+-]{16,}/.test(source)) return value
  let isWithin = false
  const pieces = source.split('"').map((piece) => {
    if (isWithin) {
      isWithin = isEscaping(piece)
      return piece
    }
    isWithin = true
    return piece.replace(LONG, '"$&"')
  })
  return JSON.parse(pieces.join('"'))
}

/** Whether the quotation mark behind a piece of a string belongs to it. */
function isEscaping(piece: string): boolean {
  let at = piece.length
  while (at > 0 && piece[at - 1] === "\\") at -= 1
  return (piece.length - at) % 2 === 1
}

function toCommand(value: unknown, { maxArguments }: Bounds): Command {
  if (!Array.isArray(value)) throw new CommandsError("ERR a command must be a JSON array")
  if (value.length === 0) throw new CommandsError("ERR empty command")
  if (value.length > maxArguments)
    throw new TooManyError(`ERR max number of arguments exceeded. Limit: ${maxArguments}`)
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== "string") value[i] = toArg(value[i])
  return value as Command
}

function toArg(value: unknown): string {
  // Beyond the largest double a number would turn into a word.
  if (Number.isFinite(value) || typeof value === "boolean") return String(value)
  throw new CommandsError("ERR an argument must be a string, a number or a boolean")
}

/**
 * The same commands where every word is the base64 of its bytes, as `Warmpool-Arguments: base64` says.
 *
 * @throws CommandsError if one is not.
 */
export function fromBase64(command: Command): Command {
  try {
    return command.map((word) => Uint8Array.from(atob(String(word)), (char) => char.charCodeAt(0)))
  } catch {
    throw new CommandsError("ERR an argument is not base64, as Warmpool-Arguments has it")
  }
}
