import { execFile } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { build as esbuild } from "esbuild"
import { build as vite } from "vite"

const run = promisify(execFile)

/** Bundles a module in a project of a user's; gives the files of ours that it took, such as `@warmpool/core/dist/index.js`. */
export type Bundler = (folder: string, file: string) => Promise<readonly string[]>

/** As users of Node, and as Vercel's and others' edges, call esbuild. */
export const withEsbuild =
  (options: { readonly platform: "node" | "neutral"; readonly conditions: readonly string[] }): Bundler =>
  async (folder, file) => {
    const { metafile } = await esbuild({
      absWorkingDir: folder,
      entryPoints: [file],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      logLevel: "silent",
      platform: options.platform,
      mainFields: ["module", "main"],
      conditions: [...options.conditions],
    })
    return ours(Object.keys(metafile.inputs).map((input) => resolve(folder, input)))
  }

/** Vite for a server on Node, or for what runs a bundle without Node. */
export const withVite =
  (target: "node" | "webworker", conditions: readonly string[] = []): Bundler =>
  async (folder, file) => {
    const resolving = { conditions: [...conditions], externalConditions: [...conditions] }
    const result = await vite({
      root: folder,
      configFile: false,
      logLevel: "silent",
      ssr: { noExternal: true, target, ...(conditions.length > 0 && { resolve: resolving }) },
      build: { ssr: join(folder, file), write: false, minify: false },
    })
    if (!("output" in result)) throw new Error("Vite gave no output")
    return ours(result.output.flatMap((chunk) => ("moduleIds" in chunk ? chunk.moduleIds : [])))
  }

/** wrangler, which bundles a Worker and does not deploy it. */
export const withWrangler: Bundler = async (folder, file) => {
  const config = { name: "tried", main: file, compatibility_date: "2026-07-01" }
  await writeFile(join(folder, "wrangler.json"), JSON.stringify(config))
  const program = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "bin/wrangler.js",
  )
  const out = join(folder, "wrangler-out")
  const meta = join(out, "meta.json")
  const words = ["deploy", "--dry-run", "--config", "wrangler.json", "--outdir", out, "--metafile", meta]
  const quiet = { HOME: folder, WRANGLER_SEND_METRICS: "false", CI: "1", NO_COLOR: "1" }
  await run(process.execPath, [program, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", ...quiet },
  })
  const { inputs } = JSON.parse(await readFile(meta, "utf8"))
  return ours(Object.keys(inputs).map((input) => resolve(folder, input)))
}

function ours(files: readonly string[]): readonly string[] {
  const found = files.flatMap(
    (file) => /node_modules\/(@warmpool\/.*)$/.exec(file.replaceAll("\\", "/"))?.[1] ?? [],
  )
  return [...new Set(found)].sort()
}
