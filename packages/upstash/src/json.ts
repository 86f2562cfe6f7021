import { type Decode, type Reply, ReplyError } from "@warmpool/core"
import type { Reading } from "./answers.ts"
import { bytesOf } from "./codec.ts"

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
  if (decode === "raw") return bytesOf(toResp(value, reading))
  if (Array.isArray(value)) return value.map((item) => toReply(item, decode, reading))
  if (typeof value === "number" || value === null) return value
  if (typeof value !== "string") return isRecord(value) && value["n"] ? String(value["n"]) : errorOf(value)
  if (decode === "bytes") return reading.codec.toBytes(toBase64(value, reading))
  return isPlain(value, reading) ? value : reading.codec.toText(value)
}

/** Whether a string is itself: no base64 is two characters long, and there is none where RESP2 was asked for. */
function isPlain(value: string, { resp }: Reading): boolean {
  return value === "OK" || resp !== undefined
}

function toBase64(value: string, reading: Reading): string {
  return isPlain(value, reading) ? reading.codec.encode(value) : value
}

/** What a socket would have brought, one character for each byte. */
function toResp(value: unknown, reading: Reading): string {
  if (value === null) return "$-1\r\n"
  if (value === "OK") return "+OK\r\n"
  if (typeof value === "string") {
    const bytes = atob(toBase64(value, reading))
    return `$${bytes.length}\r\n${bytes}\r\n`
  }
  if (Array.isArray(value))
    return `*${value.length}\r\n${value.map((item) => toResp(item, reading)).join("")}`
  const reply = toReply(value, "text", reading)
  return reply instanceof Error ? `-${atob(reading.codec.encode(reply.message))}\r\n` : `:${reply}\r\n`
}

/** The error that an object holds, with the reasons that our gateway gives for it. Throws if it holds none. */
export function errorOf(value: unknown): ReplyError {
  if (!isRecord(value) || typeof value["error"] !== "string") throw new TypeError("neither result nor error")
  const { error, reasons } = value
  return new ReplyError(
    String(error),
    Array.isArray(reasons) ? { previousErrors: reasons.map((reason) => new ReplyError(String(reason))) } : {},
  )
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
