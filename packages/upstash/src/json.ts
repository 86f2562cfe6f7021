import { type Decode, type Reply, ReplyError } from "@warmpool/core"
import { bytesOf, type Codec } from "./codec.ts"

/** A string, or a number that may be too long for a double. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g

/** Parses JSON; an integer that no double holds becomes `{ n: its digits }`. */
export function parseJson(text: string): unknown {
  return JSON.parse(/\d{16}/.test(text) ? text.replace(TOKEN, keepDigits) : text)
}

function keepDigits(token: string): string {
  return token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `{"n":"${token}"}`
}

/** How strings stand in results. */
export interface Strings {
  readonly codec: Codec
  /** Whether they are the base64 of their bytes; else text. */
  readonly base64: boolean
}

/** Makes a reply of a parsed result. Throws if it is none. */
export function toReply(value: unknown, decode: Decode, strings: Strings): Reply {
  if (decode === "raw") return bytesOf(toResp(value, strings))
  if (typeof value === "string") return stringOf(value, decode, strings)
  if (Array.isArray(value)) return value.map((item) => toReply(item, decode, strings))
  if (typeof value === "number" || value === null) return value
  return digitsOf(value) ?? new ReplyError(errorOf(value))
}

function stringOf(value: string, decode: "text" | "bytes", { codec, base64 }: Strings): string | Uint8Array {
  // No base64 is two characters long: this is the reply itself.
  const isText = !base64 || value === "OK"
  if (decode === "text") return isText ? value : codec.toText(value)
  return codec.toBytes(isText ? codec.encode(value) : value)
}

/** What a socket would have brought, one character for each byte. */
function toResp(value: unknown, strings: Strings): string {
  const { codec, base64 } = strings
  if (value === null) return "$-1\r\n"
  if (value === "OK") return "+OK\r\n"
  if (typeof value === "string") {
    const binary = atob(base64 ? value : codec.encode(value))
    return `$${binary.length}\r\n${binary}\r\n`
  }
  if (Array.isArray(value))
    return `*${value.length}\r\n${value.map((item) => toResp(item, strings)).join("")}`
  const digits = typeof value === "number" ? value : digitsOf(value)
  return digits === undefined ? `-${atob(codec.encode(errorOf(value)))}\r\n` : `:${digits}\r\n`
}

function digitsOf(value: unknown): string | undefined {
  return typeof value === "object" && value !== null && "n" in value ? String(value.n) : undefined
}

/** The error that an object holds. Throws if it holds none. */
export function errorOf(value: unknown): string {
  if (typeof value === "object" && value !== null && "error" in value && typeof value.error === "string")
    return value.error
  throw new TypeError("neither a result nor an error")
}
