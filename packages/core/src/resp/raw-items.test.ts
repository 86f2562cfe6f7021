import { expect, it } from "vitest"
import { parse } from "./wire-tree.fixture.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const ITEMS = [
  "+OK\r\n",
  "-ERR no such thing\r\n",
  ":-9223372036854775808\r\n",
  "$0\r\n\r\n",
  "$13\r\n*1\r\n$1\r\nx\r\n\r\n\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*2\r\n*2\r\n+a\r\n$1\r\nb\r\n*1\r\n:1\r\n",
]

/** Two replies, of which the second shows where the first one ended, as text. */
function read(wire: string, at: number): unknown {
  const bytes = encoder.encode(`${wire}*1\r\n:42\r\n`)
  const { replies, broken } = parse([bytes.slice(0, at), bytes.slice(at)], "items")
  return (
    broken ?? replies.map((reply) => (Array.isArray(reply) ? reply.map((raw) => decoder.decode(raw)) : reply))
  )
}

it.each([[[]], [ITEMS], [ITEMS.toReversed()], ...ITEMS.map((item) => [[item]])])(
  "gives the items of an array raw, cut anywhere: %j",
  (items) => {
    const wire = `*${items.length}\r\n${items.join("")}`

    for (let at = 0; at <= wire.length; at++) expect(read(wire, at)).toEqual([items, [":42\r\n"]])
  },
)

it("gives null for the null array", () => {
  expect(read("*-1\r\n", 0)).toEqual([null, [":42\r\n"]])
})

it("gives an error in place of the array as an error", () => {
  expect(read("-EXECABORT no\r\n", 0)).toEqual([{ failed: "EXECABORT no" }, [":42\r\n"]])
})

it("takes no push among the items", () => {
  expect(read("*2\r\n+OK\r\n>1\r\n+a\r\n", 0)).toContain("a push came within a reply")
})
