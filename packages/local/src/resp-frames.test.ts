import { expect, it } from "vitest"
import { FrameScanner } from "./resp-frames.ts"
import { encodeCommand } from "./resp-reply.ts"

/** Every kind of frame; the name is what the scanner takes for a command's. */
const FRAMES: readonly (readonly [text: string, type: string, name: string])[] = [
  ["+OK\r\n", "+", ""],
  ["-ERR no\r\n", "-", ""],
  [":42\r\n", ":", ""],
  ["$-1\r\n", "$", ""],
  ["$0\r\n\r\n", "$", ""],
  ["$6\r\na\r\nb\r\n\r\n", "$", "a\r\nb\r\n"],
  ["*-1\r\n", "*", ""],
  ["*0\r\n", "*", ""],
  ["*2\r\n*2\r\n:1\r\n$1\r\nx\r\n*0\r\n", "*", "x"],
  ["_\r\n", "_", ""],
  ["#t\r\n", "#", ""],
  [",1.5\r\n", ",", ""],
  ["(12345678901234567890\r\n", "(", ""],
  ["=6\r\ntxt:ab\r\n", "=", "txt:ab"],
  ["!5\r\nERR x\r\n", "!", "err x"],
  ["%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", "%", ""],
  ["~2\r\n:1\r\n:2\r\n", "~", ""],
  [">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", ">", "invalidate"],
  ["|1\r\n+ttl\r\n:1\r\n*1\r\n:7\r\n", "|", ""],
  ["PING\r\n", "P", "ping"],
  ["get k\r\n", "g", "get"],
  ["\r\n", "\r", ""],
  ["*2\r\n$3\r\nGeT\r\n$1\r\nk\r\n", "*", "get"],
]

const STREAM = FRAMES.map(([text]) => text).join("")

/** The frames that a scanner finds when the bytes come in pieces of this size. */
function scanIn(size: number, bytes: Uint8Array): (readonly [string, string, string])[] {
  const scanner = new FrameScanner()
  const found: (readonly [string, string, string])[] = []
  let text = ""
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size)
    let start = 0
    scanner.scan(chunk, (count, ended) => {
      text += Buffer.from(chunk.subarray(start, start + count)).toString("latin1")
      start += count
      if (!ended) return
      found.push([text, scanner.type, scanner.name])
      text = ""
    })
    expect(start).toBe(chunk.length)
  }
  return found
}

it.each([1, 2, 3, 5, 7, 64, STREAM.length])("finds every kind of frame in pieces of %i bytes", (size) => {
  expect(scanIn(size, Buffer.from(STREAM))).toEqual(FRAMES)
})

it("knows the type of a frame before its end", () => {
  const scanner = new FrameScanner()
  const seen: string[] = []

  scanner.scan(Buffer.from("+OK\r\n>2\r\n+a\r\n"), (_bytes, ended) => seen.push(`${scanner.type} ${ended}`))

  expect(seen).toEqual(["+ true", "> false"])
})

it("skips large strings and keeps no more than the start of a name", () => {
  const command = encodeCommand(["N".repeat(1000), "\r\n$5\r\n".repeat(50_000)])

  const [frame, ...others] = scanIn(16_384, command)

  expect(frame?.[0].length).toBe(command.length)
  expect(frame?.[2]).toBe("n".repeat(64))
  expect(others).toEqual([])
})
