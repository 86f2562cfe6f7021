import { execFile } from "node:child_process"
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { redisOptionSpec } from "@warmpool/core"
import { createRedis as createLambdaRedis } from "@warmpool/lambda"
import { createRedis as createVercelRedis } from "@warmpool/vercel"
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

/** What the `createRedis` of a platform takes, as it says itself. */
function optionsOf(create: (options: object) => unknown): readonly string[] {
  try {
    create({ qqqqqqqqqq: 1 })
  } catch (error) {
    const [, names = ""] = /it takes (.*)$/.exec(error instanceof Error ? error.message : "") ?? []
    return names.split(", ")
  }
  throw new Error("an unknown option was taken")
}

/** Whether a name stands in code within a line. */
function mentions(text: string, name: string): boolean {
  return new RegExp(`\`[^\`\\n]*\\b${name}\\b[^\`\\n]*\``).test(text)
}

/** The variables that the sources of a package read. */
function variablesOf(name: string): readonly string[] {
  const files = globSync(`packages/${name}/src/**/*.ts`, {
    cwd: ROOT,
    exclude: ["**/*.test.ts", "**/*.fixture.ts"],
  })
  const sources = files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n")
  return [...new Set([...sources.matchAll(/\["([A-Z][A-Z_]+)"\]/g)].map(([, variable = ""]) => variable))]
}

/** A module that a page shows: its name in the project that checks it, and its text. */
type Modules = Readonly<Record<string, string>>

const WORKERS = join(ROOT, "packages/cloudflare/node_modules/@cloudflare/workers-types")
/** Which globals a project has: a Worker knows nothing of Node. */
const PROJECTS = {
  node: { types: ["node"], lib: ["es2023", "esnext.disposable"] },
  worker: { types: [WORKERS], lib: ["es2023", "esnext.disposable"], customConditions: ["workerd"] },
} as const

/** Checks modules, each in the project of the runtime that it is for; resolves with what the compiler says. */
async function typeErrors(modules: Modules): Promise<string> {
  const all = Object.entries(modules)
  const isWorker = ([, code]: [string, string]): boolean => code.includes('"@warmpool/cloudflare')
  const said = await Promise.all([
    compile(Object.fromEntries(all.filter((one) => !isWorker(one))), PROJECTS.node),
    compile(Object.fromEntries(all.filter(isWorker)), PROJECTS.worker),
  ])
  return said.join("")
}

async function compile(modules: Modules, globals: object): Promise<string> {
  if (Object.keys(modules).length === 0) return ""
  const folder = await mkdtemp(join(tmpdir(), "warmpool-docs-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: "es2023",
    module: "nodenext",
    preserveSymlinks: true,
    // Whether types are complete is asked of the packed packages.
    skipLibCheck: true,
    ...globals,
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

/** What links and images lead to in this repository. */
function linksOf(text: string): readonly string[] {
  const links = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = ""]) => link)
  return links.filter((link) => !/^https?:/.test(link))
}

/** Whether there is such a file or folder, with such a heading. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#")
  const target = path === "" ? join(ROOT, page) : resolve(ROOT, dirname(page), path)
  if (!existsSync(target)) return false
  return anchor === undefined || anchorsOf(readFileSync(target, "utf8")).includes(anchor)
}

/** The names that GitHub gives to headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
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

describe("the READMEs and the pages of the platforms", () => {
  // The command line's has no module to show.
  const pages = globSync(["README.md", "{packages,examples}/*/README.md", "docs/platforms/*.md"], {
    cwd: ROOT,
    exclude: ["packages/cli/README.md"],
  })

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

    // The host is an object of the runtime, and no prefix is an empty one.
    const defaults = Object.entries(redisOptionSpec).filter(
      ([, { fallback }]) => typeof fallback === "number" || (typeof fallback === "string" && fallback !== ""),
    )

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

  it.each([...new Set([...Object.keys(redisOptionSpec), ...optionsOf(createLambdaRedis)])])(
    "mention the option %s",
    (option) => expect(mentions(text, option)).toBe(true),
  )
})

describe.each([
  ["lambda", createLambdaRedis],
  ["vercel", createVercelRedis],
] as const)("the page of %s", (platform, create) => {
  const page = readFileSync(join(ROOT, `docs/platforms/${platform}.md`), "utf8")
  const first = readFileSync(join(ROOT, "README.md"), "utf8")

  it("has the options that the first page has not", () => {
    const own = optionsOf(create).filter((option) => !mentions(first, option))

    expect(own.filter((option) => !mentions(page, option))).toEqual([])
  })

  it("has the variables that it reads", () => {
    const read = variablesOf(platform)

    expect(read.length).toBeGreaterThan(1)
    expect(read.filter((variable) => !page.includes(variable))).toEqual([])
  })
})

describe("every document", () => {
  const pages = globSync(["*.md", "{docs,infra}/**/*.md", "{packages,examples}/*/README.md"], {
    cwd: ROOT,
    exclude: ["docs/api/**", "**/node_modules/**"],
  })

  it.each(pages)("leads to what there is: %s", (page) => {
    const links = linksOf(readDocument(page).text)

    const broken = links.filter((link) => !leadsSomewhere(page, link))

    expect(broken).toEqual([])
  })

  it("is led to from the README, or from what that leads to", () => {
    const found = new Set(["README.md"])
    for (const page of found) {
      const { text } = readDocument(page)
      for (const [path = ""] of linksOf(text).map((link) => link.split("#")))
        if (path.endsWith(".md")) found.add(relative(ROOT, resolve(ROOT, dirname(page), path)))
    }

    expect(pages.filter((page) => !found.has(page))).toEqual([])
  })
})

describe("these checks", () => {
  it("know a test that does not exist, and code that does not compile", async () => {
    const source = readFileSync(fileURLToPath(import.meta.url), "utf8")

    expect(hasTest(source, "fills all columns of its tables")).toBe(true)
    expect(hasTest(source, "fills all columns")).toBe(false)
    const code = 'import { createRedis } from "@warmpool/lambda"\nexport const redis = createRedis({ db: 1 })'
    expect(await typeErrors({ "wrong.ts": code })).toContain("'db' does not exist")
    const worker = 'import { withRedis } from "@warmpool/cloudflare"\nexport default withRedis({}, { db: 1 })'
    expect(await typeErrors({ "worker.ts": worker })).toContain("'db' does not exist")
  })

  it("know links that lead nowhere", () => {
    expect(leadsSomewhere("README.md", "docs/architecture.md#fate")).toBe(true)
    expect(leadsSomewhere("README.md", "docs/architecture.md#destiny")).toBe(false)
    expect(leadsSomewhere("README.md", "docs/nowhere.md")).toBe(false)
  })
})
