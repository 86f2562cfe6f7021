import { join } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { publicEntries, ROOT } from "./entries.ts"

const entries = publicEntries()
const files = entries.map(({ source }) => join(ROOT, source))
const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  allowImportingTsExtensions: true,
  noEmit: true,
  types: [],
})
const checker = program.getTypeChecker()

/** The names that a module exports, and whether a doc comment says what each is. */
function exportsOf(source: string): readonly (readonly [name: string, documented: boolean])[] {
  const file = program.getSourceFile(join(ROOT, source))
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) return []
  return checker.getExportsOfModule(module).map((symbol) => {
    const alias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
    const origin = alias ? checker.getAliasedSymbol(symbol) : symbol
    return [symbol.name, origin.getDocumentationComment(checker).length > 0]
  })
}

describe.each(entries)("the reference of $name", ({ source }) => {
  it("says what each exported name is", () => {
    const exported = exportsOf(source)

    expect(exported.length).toBeGreaterThan(0)
    expect(exported.filter(([, documented]) => !documented).map(([name]) => name)).toEqual([])
  })
})
