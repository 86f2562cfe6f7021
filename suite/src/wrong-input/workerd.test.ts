import { afterAll, describe, expect, it } from "vitest"
import { expectRow } from "./expect-row.ts"
import { entries } from "./exported.ts"
import { startInWorkerd } from "./in-workerd.ts"
import { SEAMS } from "./seams.ts"

const inWorkerd = await startInWorkerd(entries().filter(({ runtime }) => runtime === "workerd"))

afterAll(() => inWorkerd[Symbol.asyncDispose]())

describe.each(inWorkerd.table)("%s, inside workerd,", (name, rows) => {
  it.each(rows.map((row, index) => ({ ...row, index })))("refuses $wrong", async ({ index, error, says }) => {
    expectRow(await inWorkerd.told(name, index), { error, says: new RegExp(says) })
  })
})

describe("the table", () => {
  it("has rows for every function that a package exports to Workers", () => {
    const known = new Set(inWorkerd.table.filter(([, rows]) => rows.length > 0).map(([name]) => name))

    expect(inWorkerd.functions.length).toBeGreaterThan(8)
    expect(
      inWorkerd.functions.filter((names) => !names.some((name) => known.has(name) || SEAMS.has(name))),
    ).toEqual([])
  })
})
