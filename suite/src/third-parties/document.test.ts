import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { readDocument } from "../migration/document.ts"

const { rows, blocks } = readDocument("docs/third-parties.md")

it("shows the adapter that the tests use", () => {
  const source = readFileSync(fileURLToPath(new URL("limiter-client.ts", import.meta.url)), "utf8")

  expect(blocks.map(({ code }) => code)).toContain(source)
})

it.each(rows.map((row) => [row.cells["package"] ?? "", row.citations] as const))(
  "cites tests that are there: %s",
  (_, citations) => {
    expect(citations).not.toEqual([])
    for (const { file, test } of citations) expect(readFileSync(file, "utf8")).toContain(`"${test}"`)
  },
)
