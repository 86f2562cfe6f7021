import { describe, expect, it } from "vitest"
import { lintPlanted } from "./planted.ts"

const lines = (count: number) => Array.from({ length: count }, (_, index) => `  a(${index})`).join("\n")

const broken: readonly [rule: string, source: string][] = [
  ["noExplicitAny", "export const a = (b: any) => b"],
  ["noNonNullAssertion", "export const a = (b: string | undefined) => b!"],
  ["noEnum", "export enum A { B }"],
  ["noNamespace", "export namespace A { export const b = 1 }"],
  ["noDefaultExport", "export default 1"],
  ["noParameterProperties", "export class A { constructor(readonly b: number) {} }"],
  ["noNestedTernary", "export const a = (b: number) => (b > 1 ? 1 : b > 0 ? 2 : 3)"],
  ["noUselessElse", "export function a(b: number) { if (b > 1) { return 1 } else { return 2 } }"],
  ["useMaxParams", "export const a = (b: number, c: number, d: number, e: number) => b + c + d + e"],
  ["noUnusedImports", 'import { a } from "./a.ts"'],
  ["noUnusedVariables", "const a = 1"],
  ["useImportExtensions", 'export { a } from "./a"'],
  ["useImportType", 'import { A } from "./a.ts"; export type B = A'],
  ["noFloatingPromises", "async function a() {}; a()"],
  ["noCommonJs", 'export const a = require("./a.ts")'],
  ["plugin", "export const a = (b: boolean) => b"],
  ["plugin", "export class A { b(c: boolean): boolean { return c } }"],
  ["plugin", "@a export class B {}"],
  ["noExcessiveLinesPerFunction", `export function a() {\n${lines(41)}\n}`],
  ["noExcessiveLinesPerFile", `const a = (b: number) => b\n${lines(250)}`],
]

/** Some rules look at the file that is imported. */
const neighbour = { path: "packages/core/src/a.ts", source: "export const a = 1" }

describe("the style rules", () => {
  it.each(broken)("hold %s: %s", (rule, source) => {
    const path = "packages/core/src/planted.ts"

    const lint = lintPlanted([{ path, source }, neighbour])

    expect(lint({ path, source })).toContain(rule)
  })

  it("leave a callback's boolean alone", () => {
    const planted = { path: "packages/core/src/planted.ts", source: "export type A = (b: boolean) => void" }

    expect(lintPlanted([planted])(planted)).toEqual([])
  })

  it("hold kebab-case file names", () => {
    const planted = { path: "packages/core/src/redisPool.ts", source: "export const a = 1" }

    expect(lintPlanted([planted])(planted)).toContain("useFilenamingConvention")
  })

  it.each(["it.skip", "it.only", "describe.skip"])("refuse %s", (call) => {
    const planted = { path: "packages/core/src/pool.test.ts", source: `${call}("a", () => {})` }

    expect(lintPlanted([planted])(planted).join()).toMatch(/noSkippedTests|noFocusedTests/)
  })
})
