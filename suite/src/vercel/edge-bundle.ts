import { fileURLToPath } from "node:url"
import { build } from "esbuild"

/** A bundle as Vercel would make it for the Edge. */
export interface EdgeBundle {
  readonly text: string
  /** The files of which anything is in it. */
  readonly files: readonly string[]
  /** What it imports at run time. */
  readonly imports: readonly string[]
}

/** Bundles a file of this folder for the Edge runtime. */
export async function bundleForEdge(name: string): Promise<EdgeBundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    bundle: true,
    format: "cjs",
    platform: "browser",
    conditions: ["edge-light"],
    target: "es2022",
    write: false,
    metafile: true,
  })
  const [output] = Object.values(metafile.outputs)
  const files = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  return {
    text: outputFiles[0]?.text ?? "",
    files: files.map(([path]) => path),
    imports: output?.imports.map(({ path }) => path) ?? [],
  }
}
