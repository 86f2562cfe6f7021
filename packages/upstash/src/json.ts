import { type Decode, type Reply, ReplyError } from "@warmpool/core"
import type { Reading } from "./answers.ts"

/** A string, or a number that may be too long for a double. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g

/** Parses JSON; an integer that no double holds becomes `{ n: its digits }`. */
export function parseJson(text: string): unknown {
  return JSON.parse(/\d{16}/.test(text) ? text.replace(TOKEN, keepDigits) : text)
}

function keepDigits(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `{"n":"${token}"}`
}

/** Makes a reply of a parsed result. Throws if it is none. */
export function toReply(value: unknown, decode: Decode, reading: Reading): Reply {
  if (Array.isArray(value)) return value.map((item) => toReply(item, decode, reading))
  if (typeof value === "number" || value === null) return value
  if (typeof value !== "string") return itemOf(value).n ?? errorOf(value)
  const { codec, resp } = reading
  // No base64 is two characters long, and there is none where RESP2 was asked for.
  const isPlain = value === "OK" || resp !== undefined
  if (decode === "text") return isPlain ? value : codec.toText(value)
  // Of what is wanted raw a text stands for a status: `laneOf` makes RESP of it.
  if (decode === "raw" && value === "OK") return value
  return codec.toBytes(isPlain ? codec.encode(value) : value)
}

/** What an object of an answer may hold. */
interface Item {
  readonly result?: unknown
  readonly error?: unknown
  /** Of an EXECABORT by our gateway. */
  readonly reasons?: unknown
  /** The digits of an integer. */
  readonly n?: string
}

/** Whatever was parsed: of what is no object nothing is found. */
export function itemOf(value: unknown): Item {
  return value ?? {}
}

/** The error that an object holds, with the reasons that our gateway gives for it. Throws if it holds none. */
export function errorOf(value: unknown): ReplyError {
  const { error, reasons } = itemOf(value)
  if (typeof error !== "string") throw new TypeError("no reply")
  const previousErrors = Array.isArray(reasons)
    ? reasons.map((reason) => new ReplyError(String(reason)))
    : undefined
  return new ReplyError(error, { previousErrors })
}
