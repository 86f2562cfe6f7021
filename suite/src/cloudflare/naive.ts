import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import type { WorkerOptions } from "miniflare"

const EXAMPLES = fileURLToPath(new URL("../../../examples/cloudflare-worker/src", import.meta.url))

/** A Worker of the examples around ioredis, which needs `nodejs_compat`. */
export async function naiveWorker(file: string, url: string): Promise<WorkerOptions> {
  const { outputFiles } = await build({
    entryPoints: [join(EXAMPLES, file)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    // ioredis is CommonJS, whose `require` of Node's modules the bundle has to bring along.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/")' },
    logLevel: "error",
  })
  return {
    name: "app",
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["nodejs_compat"],
    bindings: { REDIS_URL: url },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  }
}
