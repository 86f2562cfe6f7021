import { ReplyError } from "../errors.ts"
import type { Reply } from "../transport.ts"
import { Parser, type ParserOptions } from "./index.ts"
import type { Wanted } from "./receiver.ts"

const utf8 = new TextEncoder()

/** What came of some bytes: every reply, error and push in order, and the error that ended it. */
export interface Outcome {
  readonly replies: readonly unknown[]
  readonly broken: string | undefined
}

/** Bytes of ASCII and of one character per byte from 80 to ff. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Parses pieces; each is wiped after `push`, as a reused read buffer would be. */
export function parse(
  pieces: readonly Uint8Array[],
  decode: Wanted = "text",
  options?: ParserOptions,
): Outcome {
  const replies: unknown[] = []
  const receiver = {
    next: () => decode,
    reply: (reply: Reply) => replies.push(reply),
    error: (error: ReplyError) => replies.push({ failed: error.message }),
    push: (items: readonly Reply[]) => replies.push({ pushed: items }),
  }
  const parser = new Parser(receiver, options)
  try {
    for (const piece of pieces) {
      const chunk = piece.slice()
      parser.push(chunk)
      chunk.fill(0x2a)
    }
  } catch (error) {
    return { replies: replies.map(plain), broken: String(error) }
  }
  return { replies: replies.map(plain), broken: undefined }
}

/** Errors as objects, so that they compare by their words. */
export function plain(value: unknown): unknown {
  if (value instanceof ReplyError) return { error: value.message }
  if (Array.isArray(value)) return value.map(plain)
  return value
}

/** A stream of numbers from 0 to below 1 that a seed repeats. Source: mulberry32, public domain. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A random reply: its bytes, and what it must be read as, as text. */
export interface Tree {
  readonly wire: Uint8Array
  readonly value: unknown
}

const WORDS = [
  "",
  "OK",
  "a",
  "héllo",
  "日本語",
  "🦊 fox",
  "line\r\nend",
  "0123456789012",
  "x".repeat(40),
  "\u{feff}bom",
]

/** Makes a random reply; `depth` bounds how deep its arrays nest. */
export function randomTree(next: () => number, depth = 3): Tree {
  const kind = Math.floor(next() * (depth > 0 ? 13 : 9))
  const word = WORDS[Math.floor(next() * WORDS.length)] ?? ""
  const line = word.replace(/[\r\n]/g, " ")
  switch (kind) {
    case 0:
      return leaf(`+${line}\r\n`, line)
    case 1:
      return integer(next)
    case 2:
      return leaf("$-1\r\n", null)
    case 3:
      return leaf("_\r\n", null)
    case 4:
      return next() < 0.5 ? leaf("#t\r\n", 1) : leaf("#f\r\n", 0)
    case 5:
      return leaf(",-1.5e+10\r\n", "-1.5e+10")
    case 6:
      return leaf(
        "(3492890328409238509324850943850943825024385\r\n",
        "3492890328409238509324850943850943825024385",
      )
    case 7:
      return leaf(`=${utf8.encode(word).length + 4}\r\ntxt:${word}\r\n`, word)
    case 8:
      return leaf(`$${utf8.encode(word).length}\r\n${word}\r\n`, word)
    default:
      return aggregate(kind, next, depth)
  }
}

function integer(next: () => number): Tree {
  const digits = String(Math.floor(next() * 10 ** (1 + Math.floor(next() * 15))))
  const text = `${next() < 0.5 ? "-" : ""}${digits}${next() < 0.1 ? "0".repeat(6) : ""}`
  const number = Number(text)
  return leaf(`:${text}\r\n`, Number.isSafeInteger(number) ? number + 0 : text)
}

function aggregate(kind: number, next: () => number, depth: number): Tree {
  const size = Math.floor(next() * 4)
  const type = ["*", "~", "%", "|"][kind - 9] ?? "*"
  const count = type === "%" || type === "|" ? size * 2 : size
  const items = Array.from({ length: count }, () => randomTree(next, depth - 1))
  const wire = join([utf8.encode(`${type}${size}\r\n`), ...items.map((item) => item.wire)])
  if (type !== "|") return { wire, value: items.map((item) => item.value) }
  const reply = randomTree(next, depth - 1)
  return { wire: join([wire, reply.wire]), value: reply.value }
}

function leaf(wire: string, value: unknown): Tree {
  return { wire: utf8.encode(wire), value: Object.is(value, -0) ? 0 : value }
}

/** One piece of many. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

/** Cuts bytes at random places. */
export function cut(bytes: Uint8Array, next: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const step = 1 + Math.floor(next() * (next() < 0.5 ? 4 : bytes.length))
    pieces.push(bytes.slice(at, at + step))
    at += step
  }
  return pieces
}
