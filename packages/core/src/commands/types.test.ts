import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"

const root = fileURLToPath(new URL("../../../..", import.meta.url))
const tsc = join(root, "node_modules/typescript/bin/tsc")
const fixture = fileURLToPath(new URL("./commands.fixture.ts", import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmpool-types-"))
})
afterAll(() => rm(folder, { recursive: true }))

/** Checks a file as a consumer with these libraries would; resolves with what the compiler says. */
async function check(
  file: string,
  options: { readonly lib: readonly string[]; readonly types: readonly string[] },
) {
  const config = join(folder, "tsconfig.json")
  const compilerOptions = {
    ...options,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    target: "es2023",
    module: "nodenext",
    typeRoots: [join(root, "node_modules/@types")],
  }
  await writeFile(config, JSON.stringify({ compilerOptions, files: [file] }))
  const run = promisify(execFile)(process.execPath, [tsc, "-p", config, "--pretty", "false"])
  return run.then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  )
}

it.each([
  ["Node's types", { lib: ["es2023"], types: ["node"] }],
  ["the DOM", { lib: ["es2023", "dom"], types: [] }],
  ["nothing but the language", { lib: ["es2023"], types: [] }],
])("the types take right calls and refuse wrong ones with %s", async (_, options) => {
  expect(await check(fixture, options)).toBe("")
})

it("the check sees a mistake", async () => {
  const file = join(folder, "mistake.ts")
  const types = JSON.stringify(fileURLToPath(new URL("./types.ts", import.meta.url)))
  await writeFile(
    file,
    `import type { PortableCommands } from ${types}\ndeclare const redis: PortableCommands<"promise">\nredis.get(1)\n`,
  )

  expect(await check(file, { lib: ["es2023"], types: [] })).toMatch(/mistake\.ts\(3,11\): error TS2345/)
})

it("the generator's own code compiles", async () => {
  const generator = fileURLToPath(new URL("../../build/generate.ts", import.meta.url))

  expect(await check(generator, { lib: ["es2023"], types: ["node"] })).toBe("")
})
