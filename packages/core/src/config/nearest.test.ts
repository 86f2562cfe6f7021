import { expect, it } from "vitest"
import { nearest } from "./nearest.ts"

const NAMES = [
  "url",
  "host",
  "port",
  "database",
  "name",
  "username",
  "connectTimeoutMs",
  "commandTimeoutMs",
  "max",
]

it.each([
  ["hots", "host"],
  ["HOST", "host"],
  ["hosts", "host"],
  ["uri", "url"],
  ["maxx", "max"],
  ["mx", "max"],
  ["connectTimeout", "connectTimeoutMs"],
  ["commandTimeout", "commandTimeoutMs"],
  ["user", "username"],
  ["db", "database"],
  ["connectionName", "name"],
])("takes %s to mean %s", (word, meant) => {
  expect(nearest(word, NAMES)).toBe(meant)
})

it.each(["retryStrategy", "x", "", "lazy", "sentinels"])("finds nothing near %j", (word) => {
  expect(nearest(word, NAMES)).toBeUndefined()
})

it("prefers the fewest edits, then the word that comes first", () => {
  expect(nearest("cat", ["bat", "cart", "cat"])).toBe("cat")
  expect(nearest("cet", ["cat", "cut"])).toBe("cat")
  expect(nearest("anything", [])).toBeUndefined()
})
