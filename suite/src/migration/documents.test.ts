import { execFile } from "node:child_process"
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { redisOptionSpec } from "@warmpool/core"
import { createRedis } from "@warmpool/lambda"
import { describe, expect, it, onTestFinished } from "vitest"
import { codesIn, readDocument } from "./document.ts"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
const PAGES = ["docs/from-redis-py.md", "docs/from-ioredis.md"]

/** Whether a test of this name stands in the source: `it("name"`, or `it.each(…)("name"`. */
function hasTest(source: string, name: string): boolean {
  return ['"', "`", "'"].some((quote) => {
    const at = source.indexOf(`${quote}${name}${quote}`)
    return at > 0 && /\(\s*$/.test(source.slice(0, at))
  })
}

/** What `createRedis` of the Lambda package takes, as it says itself. */
function lambdaOptions(): readonly string[] {
  try {
    createRedis({ qqqqqqqqqq: 1 } as object)
  } catch (error) {
    const [, names = ""] = /it takes (.*)$/.exec(error instanceof Error ? error.message : "") ?? []
    return names.split(", ")
  }
  throw new Error("an unknown option was taken")
}

/** Checks modules as a user's project would; resolves with what the compiler says. */
async function typeErrors(modules: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "warmpool-docs-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    preserveSymlinks: true,
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"))
  await writeFile(join(folder, "package.json"), '{ "type": "module" }')
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }))
  for (const [name, code] of Object.entries(modules)) await writeFile(join(folder, name), code)
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc")
  return promisify(execFile)(process.execPath, [tsc, "-p", folder, "--pretty", "false"]).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  )
}

describe.each(PAGES)("%s", (page) => {
  const { rows, blocks } = readDocument(page)

  it("shows each of its rows by a test that exists", () => {
    const wrong = rows.flatMap(({ section, cells, citations }) => {
      const what = `${section}: ${Object.values(cells)[0]}`
      if (citations.length === 0) return [`${what} cites no test`]
      return citations
        .filter(({ file, test }) => !existsSync(file) || !hasTest(readFileSync(file, "utf8"), test))
        .map(({ file, test }) => `${what} cites "${test}" of ${file}`)
    })

    expect(wrong).toEqual([])
    expect(rows.length).toBeGreaterThan(40)
  })

  it("fills all columns of its tables", () => {
    for (const { cells } of rows) {
      expect(Object.keys(cells).at(-1)).toBe("shown by")
      expect(Object.values(cells)[0]).not.toBe("")
    }
  })

  // Blocks marked `ts` are whole modules and are checked; other languages are prose: the code one comes from.
  it("has code that compiles", async () => {
    const modules = blocks.filter(({ language }) => language === "ts")

    const files = Object.fromEntries(modules.map(({ line, code }) => [`line-${line}.ts`, code]))

    expect(modules.length).toBeGreaterThan(0)
    expect(await typeErrors(files)).toBe("")
  })
})

describe("the READMEs", () => {
  const pages = ["README.md", ...globSync("{packages,examples}/*/README.md", { cwd: ROOT })]

  it("have code that compiles", async () => {
    const modules = pages.flatMap((page) => readDocument(page).blocks.map((block) => ({ page, ...block })))

    const programs = modules.filter(({ language }) => language === "ts")
    const files = programs.map(({ page, line, code }) => [`${page.replace(/\W/g, "-")}-${line}.ts`, code])

    expect(new Set(programs.map(({ page }) => page))).toEqual(new Set(pages))
    expect(await typeErrors(Object.fromEntries(files))).toBe("")
  })

  it("name the defaults that there are", () => {
    const stated = readDocument("README.md")
      .rows.filter(({ cells }) => "option" in cells)
      .flatMap(({ cells }) => {
        const defaults = (cells["default"] ?? "").split(", ").map((word) => word.replace(/[`",]/g, ""))
        return codesIn(cells["option"]).map((name, index) => [name, defaults[index]])
      })

    const defaults = Object.entries(redisOptionSpec).filter(([, { fallback }]) => fallback !== undefined)

    expect(defaults.length).toBeGreaterThan(10)
    expect(Object.fromEntries(stated)).toMatchObject(
      Object.fromEntries(defaults.map(([name, { fallback }]) => [name, String(fallback)])),
    )
  })
})

describe("the README and docs/", () => {
  const pages = readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
  const text = ["README.md", ...pages].map((page) => readFileSync(join(ROOT, page), "utf8")).join("\n")

  it.each([...new Set([...Object.keys(redisOptionSpec), ...lambdaOptions()])])(
    "mention the option %s",
    (option) => {
      expect(text).toMatch(new RegExp(`\`[^\`\\n]*\\b${option}\\b[^\`\\n]*\``))
    },
  )
})

describe("these checks", () => {
  it("know a test that does not exist, and code that does not compile", async () => {
    const source = readFileSync(fileURLToPath(import.meta.url), "utf8")

    expect(hasTest(source, "fills all columns of its tables")).toBe(true)
    expect(hasTest(source, "fills all columns")).toBe(false)
    const code = 'import { createRedis } from "@warmpool/lambda"\nexport const redis = createRedis({ db: 1 })'
    expect(await typeErrors({ "wrong.ts": code })).toContain("'db' does not exist")
  })
})
