import { fileURLToPath } from "node:url"
import { type BuildOptions, build } from "esbuild"

const FOLDER = fileURLToPath(new URL("..", import.meta.url))

/** Settings of a platform, as its own tools bundle for it. */
export const FOR = {
  node: { platform: "node", target: "node22" },
  // Conditions as wrangler sets them.
  workerd: {
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    format: "esm",
  },
} as const satisfies Record<string, BuildOptions>

/** Bundles and minifies one module, given as text that may import what bench depends on. */
export async function bundle(contents: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: FOLDER, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    logLevel: "error",
    ...options,
  })
  const [file] = outputFiles ?? []
  if (!file) throw new Error("esbuild gave no output")
  return file.text
}
