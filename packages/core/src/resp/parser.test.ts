import { describe, expect, it } from "vitest"
import { ConnectionError } from "../errors.ts"
import type { Decode } from "../transport.ts"
import { Parser } from "./index.ts"
import { bytesOf, join, parse } from "./wire-tree.fixture.ts"

const utf8 = new TextEncoder()
const bytes = (...values: number[]) => Uint8Array.from(values)
const error = (message: string) => ({ error: message })

const REPLIES: readonly (readonly [name: string, wire: string, text: unknown])[] = [
  ["a simple string", "+OK\r\n", "OK"],
  ["an empty simple string", "+\r\n", ""],
  ["a simple string with a bare line feed", "+a\nb\r\n", "a\nb"],
  ["an integer", ":1234\r\n", 1234],
  ["a negative integer", ":-7\r\n", -7],
  ["an integer with a plus", ":+7\r\n", 7],
  ["a negative zero as zero", ":-0\r\n", 0],
  ["the largest safe integer", ":9007199254740991\r\n", 9007199254740991],
  ["the smallest unsafe integer, exact", ":9007199254740993\r\n", "9007199254740993"],
  ["the smallest 64-bit integer, exact", ":-9223372036854775808\r\n", "-9223372036854775808"],
  ["a padded small integer", ":00000000000000000012\r\n", 12],
  ["a bulk string", "$5\r\nhello\r\n", "hello"],
  ["a bulk string with line ends", "$8\r\na\r\nb\r\n+c\r\n", "a\r\nb\r\n+c"],
  ["an empty bulk string", "$0\r\n\r\n", ""],
  ["a long bulk string", `$40\r\n${"x".repeat(40)}\r\n`, "x".repeat(40)],
  ["characters of two, three and four bytes", "$12\r\nhéj→🦊!\r\n", "héj→🦊!"],
  ["a byte order mark", "$6\r\n\u{feff}abc\r\n", "\u{feff}abc"],
  ["RESP2's null string", "$-1\r\n", null],
  ["RESP2's null array", "*-1\r\n", null],
  ["RESP3's null", "_\r\n", null],
  ["an empty array", "*0\r\n", []],
  ["an array", "*3\r\n$1\r\na\r\n:1\r\n$-1\r\n", ["a", 1, null]],
  ["arrays in arrays", "*2\r\n*2\r\n*0\r\n*1\r\n+a\r\n*1\r\n*1\r\n:1\r\n", [[[], ["a"]], [[1]]]],
  ["an error within an array", "*2\r\n-ERR no\r\n+OK\r\n", [error("ERR no"), "OK"]],
  ["a map, flat", "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", ["a", 1, "b", [2]]],
  ["a set", "~2\r\n+a\r\n+b\r\n", ["a", "b"]],
  ["a double", ",1.25\r\n", "1.25"],
  ["an infinity", ",-inf\r\n", "-inf"],
  ["a big number", "(123456789012345678901234567890\r\n", "123456789012345678901234567890"],
  ["true", "#t\r\n", 1],
  ["false", "#f\r\n", 0],
  ["a verbatim string without its format", "=8\r\ntxt:some\r\n", "some"],
  ["a bulk error within an array", "*1\r\n!6\r\nERR no\r\n", [error("ERR no")]],
  ["a reply behind an attribute", "|1\r\n+ttl\r\n*1\r\n:9\r\n+OK\r\n", "OK"],
  ["a reply behind an empty attribute", "|0\r\n+OK\r\n", "OK"],
  ["an attribute within an array", "*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n", [1, 2]],
]

describe("each reply", () => {
  it.each(REPLIES)("%s is read whole, byte by byte, and cut anywhere", (_, wire, text) => {
    // A second reply shows that the first one ended where it should.
    const whole = join([utf8.encode(wire), utf8.encode(":42\r\n")])
    const expected = { replies: [text, 42], broken: undefined }

    expect(parse([whole])).toEqual(expected)
    expect(parse(Array.from(whole, (byte) => bytes(byte)))).toEqual(expected)
    for (let at = 1; at < whole.length; at++) {
      expect(parse([whole.slice(0, at), whole.slice(at)])).toEqual(expected)
    }
  })

  it.each(REPLIES)("%s is given as its own bytes when raw", (_, wire) => {
    const whole = utf8.encode(wire)
    const expected = { replies: [ownBytes(wire), utf8.encode("*1\r\n:42\r\n")], broken: undefined }
    const pair = join([whole, utf8.encode("*1\r\n:42\r\n")])

    expect(parse([pair], "raw")).toEqual(expected)
    for (let at = 1; at < pair.length; at++) {
      expect(parse([pair.slice(0, at), pair.slice(at)], "raw")).toEqual(expected)
    }
  })
})

/** An attribute before a reply is no part of it. */
function ownBytes(wire: string): Uint8Array {
  return utf8.encode(wire.startsWith("|") ? "+OK\r\n" : wire)
}

describe("bytes", () => {
  const binary = bytesOf("$4\r\n\xff\x00\r\n\r\n")

  it("are copied out, whatever they are", () => {
    const { replies } = parse([binary], "bytes")

    expect(replies).toEqual([bytes(0xff, 0, 13, 10)])
    expect(Object.getPrototypeOf(replies[0])).toBe(Uint8Array.prototype)
  })

  it("are what every kind of string becomes", () => {
    const wire = utf8.encode("*5\r\n+a\r\n$1\r\nb\r\n=5\r\ntxt:c\r\n,1.5\r\n(12\r\n")

    const { replies } = parse([wire], "bytes")

    expect(replies).toEqual([["a", "b", "c", "1.5", "12"].map((text) => utf8.encode(text))])
  })

  it("leave integers and nulls as they are", () => {
    expect(parse([utf8.encode("*2\r\n:1\r\n$-1\r\n")], "bytes").replies).toEqual([[1, null]])
  })
})

describe("text that is not UTF-8", () => {
  it("has replacement characters, the same wherever the chunk ends", () => {
    const wire = bytesOf("$3\r\n\xffab\r\n$2\r\n\xc3\x28\r\n$1\r\n\x80\r\n+\xe2\x82\r\n")
    const expected = ["\ufffdab", "\ufffd(", "\ufffd", "\ufffd"]

    expect(parse([wire]).replies).toEqual(expected)
    for (let at = 1; at < wire.length; at++) {
      expect(parse([wire.slice(0, at), wire.slice(at)]).replies).toEqual(expected)
    }
  })
})

describe("an error reply", () => {
  it.each(["-ERR no\r\n", "!6\r\nERR no\r\n"])("is told as one, in every mode: %j", (wire) => {
    for (const mode of ["text", "bytes", "raw"] as const satisfies readonly Decode[]) {
      expect(parse([utf8.encode(wire)], mode).replies).toEqual([{ failed: "ERR no" }])
    }
  })

  it("is told even when nobody asked for a reply", () => {
    const errors: Error[] = []
    const receiver = {
      next: () => undefined,
      reply: () => {},
      error: (failure: Error) => errors.push(failure),
    }

    new Parser(receiver).push(utf8.encode("-ERR max number of clients reached\r\n"))

    expect(errors).toMatchObject([{ name: "ReplyError", fate: "refused" }])
  })

  it("does not show the arguments that the server echoes", () => {
    const wire = "-ERR unknown command 'FOO', with args beginning with: 'key' 'secret' \r\n"

    expect(JSON.stringify(parse([utf8.encode(wire)]).replies)).not.toMatch(/key|secret/)
  })
})

describe("a push", () => {
  it("goes to its listener, as bytes, between the replies", () => {
    const wire = utf8.encode(":1\r\n>2\r\n+message\r\n$1\r\na\r\n>0\r\n:2\r\n")

    const { replies } = parse([wire])

    expect(replies).toEqual([1, { pushed: [utf8.encode("message"), utf8.encode("a")] }, { pushed: [] }, 2])
  })

  it("asks for no reply", () => {
    const asked: string[] = []
    const receiver = {
      next: () => {
        asked.push("next")
        return "text" as const
      },
      reply: () => {},
      error: () => {},
    }

    new Parser(receiver).push(utf8.encode(">1\r\n+a\r\n|1\r\n+a\r\n+b\r\n"))

    expect(asked).toEqual([])
  })
})

describe("what is not RESP", () => {
  it.each([
    ["an unknown type", "?1\r\n", "a reply begins with an unknown byte: is it Redis that listens there?"],
    ["no type at all", "\r\n", "a reply begins with an unknown byte: is it Redis that listens there?"],
    ["a length that is no number", "$x\r\n", "a number has other characters than digits"],
    ["an empty length", "$\r\n", "a number has no digits"],
    ["an empty count", "*\r\n", "a number has no digits"],
    ["a negative length", "$-2\r\n", "a number has other characters than digits"],
    ["a negative count", "*-2\r\n", "a number has other characters than digits"],
    ["a null map", "%-1\r\n", "a number has other characters than digits"],
    ["a null verbatim string", "=-1\r\n", "a number has other characters than digits"],
    ["a value longer than its length", "$1\r\nab\r\n", "a bulk string is longer than its length"],
    ["a carriage return alone", "+a\rb\r\n", "a line does not end in CRLF"],
    ["an integer with letters", ":1a\r\n", "a number has other characters than digits"],
    ["an integer without digits", ":-\r\n", "a number has no digits"],
    ["a push within an array", "*1\r\n>1\r\n+a\r\n", "a push came within a reply"],
    ["a streamed string", "$?\r\n;1\r\na\r\n;0\r\n", "a number has other characters than digits"],
    ["more elements than can be", "*4294967296\r\n", "an array is too long"],
    ["a bulk string beyond half a gigabyte", "$536870913\r\n", "a bulk string is too long"],
    ["a length of many digits", `$${"9".repeat(400)}\r\n`, "a bulk string is too long"],
  ])("%s ends the connection, wherever the chunk ends", (_, wire, problem) => {
    const whole = bytesOf(wire)
    const broken = `ConnectionError: the server broke the protocol: ${problem}`

    expect(parse([whole]).broken).toBe(broken)
    for (let at = 1; at < whole.length; at++) {
      expect(parse([whole.slice(0, at), whole.slice(at)]).broken).toBe(broken)
    }
  })

  it.each([
    "?1\r\n",
    "$x\r\n",
    "$-2\r\n",
    "%-1\r\n",
    "$1\r\nabc",
    "+a\rb",
    "*9999999999\r\n",
    "$999999999999\r\n",
    ":x\r\n",
    "*1\r\n>1\r\n+a\r\n",
  ])("%j ends the connection when it is wanted raw", (wire) => {
    const pieces = Array.from(bytesOf(wire), (byte) => bytes(byte))

    expect(parse([bytesOf(wire)], "raw").broken).toMatch(/^ConnectionError: the server broke the protocol/)
    expect(parse(pieces, "raw").broken).toMatch(/^ConnectionError: the server broke the protocol/)
  })

  it("is also a reply that nobody asked for", () => {
    const parser = new Parser({ next: () => undefined, reply: () => {}, error: () => {} })

    expect(() => parser.push(utf8.encode("+OK\r\n"))).toThrow(ConnectionError)
  })
})

describe("a bound", () => {
  const bounds = { depth: 3, line: 8, bulk: 16 }

  it.each([
    ["nesting", "*1\r\n*1\r\n*1\r\n:1\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n", "arrays are nested too deep"],
    ["a line", "+12345678\r\n", "+123456789\r\n", "a line is too long"],
    [
      "a bulk string",
      `$16\r\n${"x".repeat(16)}\r\n`,
      `$17\r\n${"x".repeat(17)}\r\n`,
      "a bulk string is too long",
    ],
  ])("of %s holds, whole and byte by byte", (_, within, beyond, problem) => {
    for (const split of [
      (wire: string) => [bytesOf(wire)],
      (wire: string) => Array.from(bytesOf(wire), (byte) => bytes(byte)),
    ]) {
      expect(parse(split(within), "text", { bounds }).broken).toBeUndefined()
      expect(parse(split(beyond), "text", { bounds }).broken).toContain(problem)
    }
  })

  it("ends a line that never ends", () => {
    const pieces = Array.from({ length: 20 }, () => bytesOf("+aaaaa"))

    expect(parse(pieces, "text", { bounds }).broken).toContain("a line is too long")
    expect(parse(pieces, "raw", { bounds }).broken).toContain("a line is too long")
  })
})

describe("memory and time", () => {
  it("follow what came, not what was announced", () => {
    const before = process.memoryUsage().arrayBuffers
    const parsers = Array.from({ length: 50 }, () => {
      const parser = new Parser({ next: () => "bytes", reply: () => {}, error: () => {} })
      parser.push(utf8.encode("*4294967295\r\n$536870912\r\nx"))
      return parser
    })

    expect(parsers).toHaveLength(50)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })

  it.each<Decode>(["text", "bytes", "raw"])("of a large reply in small pieces stay small: %s", (mode) => {
    const length = 32 << 20
    const piece = new Uint8Array(1 << 14).fill(120)
    const replies: unknown[] = []
    const parser = new Parser({ next: () => mode, reply: (reply) => replies.push(reply), error: () => {} })
    const started = performance.now()

    parser.push(utf8.encode(`$${length}\r\n`))
    for (let sent = 0; sent < length; sent += piece.length) parser.push(piece)
    parser.push(utf8.encode("\r\n"))

    expect(replies).toHaveLength(1)
    // It takes about 100 ms; to copy what came before at every piece would move 32 GB.
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it("of a long line in small pieces stay small", () => {
    const piece = new Uint8Array(100).fill(120)
    const replies: unknown[] = []
    const parser = new Parser({ next: () => "text", reply: (reply) => replies.push(reply), error: () => {} })
    const started = performance.now()

    parser.push(utf8.encode("+"))
    for (let sent = 0; sent < 1_000_000; sent += piece.length) parser.push(piece)
    parser.push(utf8.encode("\r\n"))

    expect(replies).toEqual(["x".repeat(1_000_000)])
    // It takes about 20 ms; to look at what came before at every piece, about 10,000.
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
