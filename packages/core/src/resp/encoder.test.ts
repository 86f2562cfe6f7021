import { describe, expect, it } from "vitest"
import type { Arg } from "../transport.ts"
import { Encoder, encodedLength } from "./index.ts"
import { join, random } from "./wire-tree.fixture.ts"

const utf8 = new TextEncoder()

/** The protocol in one line, to compare with. */
function reference(args: readonly Arg[]): Uint8Array {
  const bulks = args.map((arg) => {
    const bytes = typeof arg === "string" ? utf8.encode(arg) : arg
    return join([utf8.encode(`$${bytes.length}\r\n`), bytes, utf8.encode("\r\n")])
  })
  return join([utf8.encode(`*${args.length}\r\n`), ...bulks])
}

/** What the encoder hands out for some commands; everything is taken at once. */
function encode(...commands: readonly (readonly Arg[])[]): Uint8Array {
  const chunks: Uint8Array[] = []
  const encoder = new Encoder((chunk) => chunks.push(chunk.slice()) > 0)
  for (const args of commands) encoder.add(args)
  encoder.flush()
  return join(chunks)
}

describe("a command", () => {
  it.each<[string, readonly Arg[]]>([
    ["short text", ["GET", "key"]],
    ["an empty argument", ["SET", "key", ""]],
    ["text around the length where a loop no longer pays", ["MSET", "k".repeat(20), "v".repeat(21)]],
    ["short text that is not ASCII", ["SET", "ключ", "🦊"]],
    [
      "text whose bytes have more digits than its length",
      ["SET", "é".repeat(5), "é".repeat(50), "é".repeat(500)],
    ],
    [
      "text of 9,999 and 10,000 bytes",
      ["SET", "x".repeat(9_999), "x".repeat(10_000), `${"é".repeat(4_999)}x`],
    ],
    ["a lone surrogate", ["SET", "a\ud83d", `${"x".repeat(30)}\udd8a`]],
    ["bytes", ["SET", "k", Uint8Array.of(0, 255, 13, 10)]],
    ["no bytes", ["SET", "k", new Uint8Array(0)]],
    ["many arguments", ["DEL", ...Array.from({ length: 12_345 }, (_, n) => `key:${n}`)]],
    ["large text", ["SET", "k", "x".repeat(1_000_000), "after"]],
    ["large text that is not ASCII", ["SET", "k", "é".repeat(100_000)]],
    ["large bytes", ["SET", "k", new Uint8Array(1_000_000).fill(7), "after"]],
  ])("with %s is an array of bulk strings", (_, args) => {
    expect(Buffer.compare(encode(args), reference(args))).toBe(0)
    expect(encodedLength(args)).toBe(reference(args).length)
  })

  it("may follow another wherever the buffer ends", () => {
    for (let length = 65_300; length < 65_600; length += 1) {
      const commands = [
        ["A", "x".repeat(16_000), "x".repeat(16_000), "x".repeat(16_000)],
        ["B", "y".repeat(length - 48_000)],
        ["GET", "key"],
      ]

      expect(Buffer.compare(encode(...commands), join(commands.map(reference)))).toBe(0)
    }
  })
})

describe("what is handed out", () => {
  it("is one chunk for the commands of one tick", () => {
    const chunks: Uint8Array[] = []
    const encoder = new Encoder((chunk) => chunks.push(chunk) > 0)

    for (let n = 0; n < 1_000; n++) encoder.add(["GET", "key:123"])
    encoder.flush()

    expect(chunks).toHaveLength(1)
  })

  it("is nothing when nothing was added", () => {
    const encoder = new Encoder(() => expect.fail("nothing was added"))

    encoder.flush()
  })

  it("is a large value itself, not a copy", () => {
    const chunks: Uint8Array[] = []
    const value = new Uint8Array(100_000)
    const encoder = new Encoder((chunk) => chunks.push(chunk) > 0)

    encoder.add(["SET", "k", value])
    encoder.flush()

    expect(chunks).toContain(value)
  })

  it("lies in one reused buffer while everything is taken at once", () => {
    const buffers = new Set<ArrayBufferLike>()
    const encoder = new Encoder((chunk) => buffers.add(chunk.buffer).size > 0)

    for (let n = 0; n < 100_000; n++) {
      encoder.add(["SET", "key", "some value"])
      if (n % 10 === 0) encoder.flush()
    }

    expect(buffers.size).toBe(1)
  })

  it("writes large text into memory that is used again", () => {
    const buffers = new Set<ArrayBufferLike>()
    const encoder = new Encoder((chunk) => buffers.add(chunk.buffer).size > 0)

    for (let n = 0; n < 100; n++) {
      encoder.add(["SET", "k", "x".repeat(100_000 + n)])
      encoder.flush()
    }

    expect(buffers.size).toBe(2)
  })

  it("gives back the memory of a very large text, though all of it was taken at once", () => {
    const chunks: Uint8Array[] = []
    const encoder = new Encoder((chunk) => chunks.push(chunk) > 0)
    encoder.add(["SET", "k", "x".repeat(5 << 20)])
    encoder.flush()

    encoder.add(["PING"])
    encoder.flush()

    expect(chunks.at(-1)?.buffer.byteLength).toBe(65_536)
  })

  it("stays as it is until it was taken", () => {
    const next = random(1)
    const lent: Uint8Array[] = []
    const taken: Uint8Array[] = []
    const expected: Uint8Array[] = []
    const encoder = new Encoder((chunk) => {
      if (lent.length === 0 && next() < 0.5) return taken.push(chunk.slice()) > 0
      lent.push(chunk)
      return false
    })

    for (let n = 0; n < 20_000; n++) {
      const length = Math.floor(next() ** 8 * 60_000)
      const value = next() < 0.5 ? "v".repeat(length) : new Uint8Array(length).fill(n)
      const args = ["SET", `key:${n}`, value]
      expected.push(reference(args))
      encoder.add(args)
      if (next() < 0.2) encoder.flush()
      if (next() < 0.05) {
        for (const chunk of lent.splice(0)) taken.push(chunk.slice())
        encoder.reclaim()
      }
    }
    encoder.flush()
    for (const chunk of lent.splice(0)) taken.push(chunk.slice())

    expect(Buffer.compare(join(taken), join(expected))).toBe(0)
  })

  it("comes from the platform's own memory and writer where it brings them", () => {
    const chunks: Uint8Array[] = []
    const encoder = new Encoder((chunk) => chunks.push(chunk) > 0, {
      allocate: (bytes) => Buffer.alloc(bytes),
      writeText: (buffer, text, at) => Buffer.from(buffer.buffer, buffer.byteOffset).write(text, at),
    })
    const args = ["SET", "k".repeat(30), "é".repeat(60)]

    encoder.add(args)
    encoder.flush()

    expect(chunks[0]).toBeInstanceOf(Buffer)
    expect(Buffer.compare(join(chunks), reference(args))).toBe(0)
  })
})
