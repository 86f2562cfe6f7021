import { FrameScanner } from "./resp-frames.ts"

/** A reply as `command` gives it. An integer beyond 2^53 is a string; an error inside an array is a value. */
export type RedisReply = string | number | null | Error | readonly RedisReply[]

/** Cuts replies out of a stream of bytes and hands each over, in order. */
export class ReplyReader {
  readonly #scanner = new FrameScanner()
  readonly #deliver: (reply: RedisReply) => void
  #pieces: Buffer[] = []

  constructor(deliver: (reply: RedisReply) => void) {
    this.#deliver = deliver
  }

  push(chunk: Buffer): void {
    let start = 0
    this.#scanner.scan(chunk, (bytes, ended) => {
      this.#pieces.push(chunk.subarray(start, start + bytes))
      start += bytes
      if (!ended) return
      const frame = Buffer.concat(this.#pieces)
      this.#pieces = []
      this.#deliver(decode(frame, 0).reply)
    })
  }
}

/** Encodes one command. */
export function encodeCommand(args: readonly (string | number | Uint8Array)[]): Buffer {
  const parts: (string | Uint8Array)[] = [`*${args.length}\r\n`]
  for (const arg of args) {
    const bytes = typeof arg === "object" ? arg : Buffer.from(String(arg))
    parts.push(`$${bytes.length}\r\n`, bytes, "\r\n")
  }
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)))
}

/** Decodes one whole RESP2 reply that starts at `start`. */
function decode(frame: Buffer, start: number): { readonly reply: RedisReply; readonly end: number } {
  const lineEnd = frame.indexOf("\r\n", start)
  const type = frame.toString("latin1", start, start + 1)
  const line = frame.toString("utf8", start + 1, lineEnd)
  const end = lineEnd + 2
  if (type === "*") return decodeArray(frame, Number(line), end)
  if (type === "$") {
    const bytes = Number(line)
    if (bytes < 0) return { reply: null, end }
    return { reply: frame.toString("utf8", end, end + bytes), end: end + bytes + 2 }
  }
  if (type === "-") return { reply: replyError(line), end }
  if (type !== ":") return { reply: line, end }
  const value = Number(line)
  return { reply: Number.isSafeInteger(value) ? value : line, end }
}

function decodeArray(frame: Buffer, count: number, start: number): { reply: RedisReply; end: number } {
  if (count < 0) return { reply: null, end: start }
  const reply: RedisReply[] = []
  let end = start
  while (reply.length < count) {
    const element = decode(frame, end)
    reply.push(element.reply)
    end = element.end
  }
  return { reply, end }
}

/** The server's error, less the arguments it echoes: they may be secrets. */
function replyError(line: string): Error {
  const error = new Error(line.replace(/, with args beginning with:.*$/s, ""))
  error.name = "RedisReplyError"
  return error
}
