import type { Arg } from "@warmpool/core"

/** A command: its name, then its arguments. */
export type Command = readonly Arg[]

/** Where a request goes: `/pipeline`, or a command in the path with the rest of its arguments in the query. */
export interface Target {
  /** Segments of the path, decoded; none for `/`. */
  readonly path: readonly Arg[]
  /** Names and values of the query in their order, `_token` left out. */
  readonly query: readonly Arg[]
  /** The value of `_token`. */
  readonly token: string | undefined
}

/** A path or query that is not percent-encoded as it should be. */
export class TargetError extends Error {
  override readonly name = "TargetError"
}

const TOKEN = "_token"
const PERCENT = 37
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * Takes a request's target apart. Segments may hold any bytes, percent-encoded.
 *
 * @throws TargetError where a `%` is not followed by two hexadecimal digits.
 */
export function readTarget(target: string): Target {
  const mark = target.indexOf("?")
  const rawPath = mark < 0 ? target : target.slice(0, mark)
  const path = rawPath === "/" || rawPath === "" ? [] : rawPath.slice(1).split("/").map(decodeSegment)
  if (mark < 0) return { path, query: [], token: undefined }
  return { path, ...readQuery(target.slice(mark + 1)) }
}

function readQuery(text: string): { query: Arg[]; token: string | undefined } {
  const query: Arg[] = []
  let token: string | undefined
  for (const pair of text.split("&")) {
    if (pair === "") continue
    const equals = pair.indexOf("=")
    const name = decodeQuery(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? "" : decodeQuery(pair.slice(equals + 1))
    if (name === TOKEN) token ??= textOf(value)
    // A flag such as NX has no value.
    else if (value.length === 0) query.push(name)
    else query.push(name, value)
  }
  return { query, token }
}

/** What is UTF-8 becomes text; anything else the bytes that it stands for. */
function decodeSegment(text: string): Arg {
  let isPlain = true
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127) return decodeBytes(text)
    if (unit === PERCENT) isPlain = false
  }
  if (isPlain) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return decodeBytes(text)
  }
}

/** An argument as text. */
export function textOf(arg: Arg): string {
  return typeof arg === "string" ? arg : utf8.decode(arg)
}

function decodeQuery(text: string): Arg {
  return decodeSegment(text.includes("+") ? text.replaceAll("+", " ") : text)
}

function decodeBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 255) throw new TargetError("the path holds a character that is not percent-encoded")
    if (unit === PERCENT) {
      const byte = Number.parseInt(text.slice(i + 1, i + 3), 16)
      if (!/^[0-9a-f]{2}$/i.test(text.slice(i + 1, i + 3)))
        throw new TargetError("a % is not followed by two digits")
      bytes[length++] = byte
      i += 2
    } else bytes[length++] = unit
  }
  return bytes.slice(0, length)
}
