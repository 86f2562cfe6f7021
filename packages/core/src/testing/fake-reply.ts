import { ReplyError } from "../errors.ts"
import type { Arg, Decode, Reply } from "../transport.ts"

/** A reply as the fake server makes it: what RESP2 can tell apart, kept apart. */
export type WireReply =
  | { readonly type: "simple"; readonly text: string }
  | { readonly type: "error"; readonly text: string }
  | { readonly type: "integer"; readonly value: bigint }
  | { readonly type: "bulk"; readonly bytes: Uint8Array | null }
  | { readonly type: "array"; readonly items: readonly WireReply[] | null }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const OK: WireReply = { type: "simple", text: "OK" }
export const NIL: WireReply = { type: "bulk", bytes: null }
export const NIL_ARRAY: WireReply = { type: "array", items: null }
export const simple = (text: string): WireReply => ({ type: "simple", text })
export const failure = (text: string): WireReply => ({ type: "error", text })
export const integer = (value: bigint | number): WireReply => ({ type: "integer", value: BigInt(value) })
export const bulk = (value: Arg): WireReply => ({ type: "bulk", bytes: toBytes(value) })
export const array = (items: readonly WireReply[]): WireReply => ({ type: "array", items })

export function toBytes(value: Arg): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value
}

export function toText(value: Arg): string {
  return typeof value === "string" ? value : decoder.decode(value)
}

/** A scripted reply as the server would have sent it; strings become bulk strings. */
export function toWire(reply: Reply): WireReply {
  if (reply === null) return NIL
  if (typeof reply === "number") return integer(reply)
  if (typeof reply === "string" || reply instanceof Uint8Array) return bulk(reply)
  if (reply instanceof Error) return failure(reply.message)
  return array(reply.map(toWire))
}

/** The RESP2 bytes of a reply. */
export function encode(reply: WireReply): Uint8Array {
  const pieces: Uint8Array[] = []
  write(reply, pieces)
  return join(pieces)
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function write(reply: WireReply, pieces: Uint8Array[]): void {
  if (reply.type === "simple") pieces.push(encoder.encode(`+${reply.text}\r\n`))
  if (reply.type === "error") pieces.push(encoder.encode(`-${reply.text}\r\n`))
  if (reply.type === "integer") pieces.push(encoder.encode(`:${reply.value}\r\n`))
  if (reply.type === "bulk") writeBulk(reply.bytes, pieces)
  if (reply.type !== "array") return
  pieces.push(encoder.encode(`*${reply.items?.length ?? -1}\r\n`))
  for (const item of reply.items ?? []) write(item, pieces)
}

function writeBulk(bytes: Uint8Array | null, pieces: Uint8Array[]): void {
  pieces.push(encoder.encode(`$${bytes?.length ?? -1}\r\n`))
  if (bytes) pieces.push(bytes, encoder.encode("\r\n"))
}

/** What a caller gets to see of a reply; an error is a value here. */
export function view(reply: WireReply, decode: Decode): Reply {
  if (decode === "raw") return encode(reply)
  if (reply.type === "error") return new ReplyError(reply.text)
  if (reply.type === "integer") return number(reply.value)
  if (reply.type === "simple") return decode === "bytes" ? encoder.encode(reply.text) : reply.text
  if (reply.type === "array") return reply.items?.map((item) => view(item, decode)) ?? null
  if (reply.bytes === null) return null
  return decode === "bytes" ? reply.bytes.slice() : decoder.decode(reply.bytes)
}

function number(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}
