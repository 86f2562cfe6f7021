import { build } from "esbuild"
import { Miniflare } from "miniflare"

/** Runs one Worker of a user's in workerd, bundled as wrangler does from what a folder has installed; gives its answer. */
export async function askWorker(
  folder: string,
  contents: string,
  bindings: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
  })
  const script = outputFiles[0]?.text ?? ""
  const runtime = new Miniflare({ modules: true, script, compatibilityDate: "2026-07-01", bindings })
  try {
    const response = await runtime.dispatchFetch("http://worker.test/")
    return await response.json()
  } finally {
    await runtime.dispose()
  }
}
