import { expect, it } from "vitest"
import { splitArray } from "./split-array.ts"

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

it.each([[[]], [ITEMS], [ITEMS.toReversed()], ...ITEMS.map((item) => [[item]])])(
  "cuts %j into its items",
  (items) => {
    const raw = encoder.encode(`*${items.length}\r\n${items.join("")}`)

    expect(splitArray(raw)?.map((item) => decoder.decode(item))).toEqual(items)
  },
)

it("gives null for the null array", () => {
  expect(splitArray(encoder.encode("*-1\r\n"))).toBeNull()
})
