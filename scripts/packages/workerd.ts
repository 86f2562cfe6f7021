import { build } from "esbuild"
import { Miniflare } from "miniflare"

/** Imports all these entries in one Worker, bundled as wrangler does; gives the names that each exports. */
export async function exportsInWorkerd(
  folder: string,
  entries: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const imports = entries.map((entry, index) => `import * as e${index} from "${entry}"`)
  const names = entries.map((entry, index) => `"${entry}": Object.keys(e${index})`)
  const handler = `export default { fetch: () => Response.json({ ${names.join(", ")} }) }`
  const { outputFiles } = await build({
    stdin: { contents: [...imports, handler].join("\n"), resolveDir: folder, loader: "js" },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
  })
  const runtime = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
  })
  try {
    const response = await runtime.dispatchFetch("http://worker.test/")
    return (await response.json()) as Record<string, string[]>
  } finally {
    await runtime.dispose()
  }
}
