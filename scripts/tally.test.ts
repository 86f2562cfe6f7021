import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const CONFIG = `
import { Tally } from "${join(process.cwd(), "scripts/tally.ts")}"
export default { test: { reporters: [new Tally()], maxWorkers: 1 } }`

const HEAD = 'import { afterAll, beforeAll, describe, expect, it } from "vitest"\n'

describe("the tally", () => {
  let folder: string

  beforeEach(() => {
    // Beside the packages, so that vitest itself is found from there.
    mkdirSync("node_modules/.cache/warmpool", { recursive: true })
    folder = mkdtempSync(join(process.cwd(), "node_modules/.cache/warmpool/tally-"))
    writeFileSync(join(folder, "vitest.config.ts"), CONFIG)
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function tallyOf(source: string, ...args: string[]): unknown {
    const tally = join(folder, "tally.json")
    writeFileSync(join(folder, "planted.spec.ts"), `${HEAD}${source}`)
    const vitest = [
      join(process.cwd(), "node_modules/vitest/vitest.mjs"),
      "run",
      "--root",
      folder,
      "--dir",
      folder,
    ]
    const env = { ...process.env, WARMPOOL_TALLY: tally }
    spawnSync(process.execPath, [...vitest, ...args], { cwd: folder, env, stdio: "ignore" })
    return existsSync(tally) ? JSON.parse(readFileSync(tally, "utf8")) : undefined
  }

  it.each([
    [
      "what passed and what failed",
      'it("a", () => {}); it("b", () => {}); it("c", () => expect(1).toBe(2))',
      2,
      1,
    ],
    ["a file that can't be loaded as failed", 'import "./not-there.ts"', 0, 1],
    ["an error outside any test as failed", 'it("a", () => void Promise.reject(new Error("stray")))', 1, 1],
    ["a skipped test as failed", 'it("a", () => {}); it.skip("b", () => {})', 1, 1],
    ["a test not yet written as failed", 'it("a", () => {}); it.todo("b")', 1, 1],
    [
      "a failed clean-up as failed",
      'describe("a", () => { afterAll(() => { throw new Error("b") }); it("c", () => {}) })',
      1,
      1,
    ],
  ])("counts %s", (_what, source, passed, failed) => {
    expect(tallyOf(source)).toEqual({ passed, failed })
  })

  it("leaves out what a filter by name leaves out", () => {
    expect(tallyOf('it("a", () => {}); it("b", () => {})', "--testNamePattern", "b")).toEqual({
      passed: 1,
      failed: 0,
    })
  })
})
