import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { WorkerOptions } from "miniflare"

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL("../../..", import.meta.url))

/** What of a wrangler.jsonc counts when it runs here. */
interface WranglerConfig {
  readonly name: string
  readonly main: string
  readonly compatibility_date: string
  readonly vars?: Readonly<Record<string, unknown>>
  readonly secrets?: { readonly required: readonly string[] }
  readonly services?: readonly { binding: string; service: string; entrypoint?: string }[]
  readonly durable_objects?: { readonly bindings: readonly { name: string; class_name: string }[] }
}

/** A file of the bundle and what it imports, as esbuild's metafile says. */
interface BundleInput {
  readonly imports: readonly { readonly path: string }[]
}

/** A Worker as `wrangler deploy --dry-run` builds it from a folder of `infra/wrangler`. */
export interface BuiltWorker {
  readonly config: WranglerConfig
  readonly script: string
  readonly inputs: Readonly<Record<string, BundleInput>>
  /** What wrangler said. */
  readonly told: string
}

export async function buildWorker(folder: string): Promise<BuiltWorker> {
  const file = join(ROOT, "infra/wrangler", folder, "wrangler.jsonc")
  const config = parseJsonc(await readFile(file, "utf8"))
  const out = await mkdtemp(join(tmpdir(), "warmpool-wrangler-"))
  try {
    const wrangler = createRequire(import.meta.url).resolve("wrangler/package.json")
    const meta = join(out, "meta.json")
    const { stdout, stderr } = await run(
      process.execPath,
      [
        join(dirname(wrangler), "bin/wrangler.js"),
        ...["deploy", "--dry-run", "--minify", "--config", file, "--outdir", out, "--metafile", meta],
      ],
      { cwd: ROOT, env: quiet(out) },
    )
    const script = await readFile(join(out, basename(config.main).replace(/\.ts$/, ".js")), "utf8")
    const { inputs } = JSON.parse(await readFile(meta, "utf8"))
    return { config, script, inputs, told: stdout + stderr }
  } finally {
    await rm(out, { recursive: true })
  }
}

/** The Worker for Miniflare, bound as its wrangler.jsonc says; `secrets` stand in for what wrangler keeps. */
export function inMiniflare(
  { config, script }: BuiltWorker,
  secrets: Readonly<Record<string, unknown>>,
): WorkerOptions {
  const {
    name,
    compatibility_date: compatibilityDate,
    vars = {},
    services = [],
    durable_objects: objects,
  } = config
  return {
    name,
    modules: true,
    script,
    compatibilityDate,
    bindings: { ...vars, ...secrets } as Record<string, never>,
    serviceBindings: Object.fromEntries(
      services.map(({ binding, service, entrypoint }) => [
        binding,
        { name: service, ...(entrypoint !== undefined && { entrypoint }) },
      ]),
    ),
    durableObjects: Object.fromEntries(
      (objects?.bindings ?? []).map(({ name: binding, class_name: className }) => [
        binding,
        { className, useSQLite: true },
      ]),
    ),
  }
}

/** Neither asks nor tells anybody, and keeps its logs to itself. */
function quiet(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: folder,
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(folder, "logs"),
  }
}

/** JSON whose comments stand on lines of their own. */
function parseJsonc(text: string): WranglerConfig {
  return JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ""))
}
