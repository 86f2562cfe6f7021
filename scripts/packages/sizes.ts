import { gzipSync } from "node:zlib"
import { type BuildOptions, build } from "esbuild"

/** What users bundle, and how large it may become. 1 kB = 1,000 bytes, minified and gzipped. */
export interface Size {
  readonly what: string
  readonly contents: string
  readonly platform: Platform
  /** Where `goal` is not reached: what was measured, rounded up. */
  readonly limit: number
  /** The figure we want. */
  readonly goal: number
}

type Platform = "node" | "workerd" | "edge"

/** As each platform's own tools bundle. */
const OPTIONS: Readonly<Record<Platform, BuildOptions>> = {
  node: { platform: "node", target: "node22" },
  workerd: {
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  },
  edge: { platform: "browser", conditions: ["edge-light", "worker", "browser"] },
}

/** The same question as `npm run bench -- size` asks of ours, so that a change which adds weight fails at once. */
export const SIZES: readonly Size[] = [
  {
    what: "@warmpool/lambda, with core and socket",
    contents: 'export { createRedis, withRedis } from "@warmpool/lambda"',
    platform: "node",
    limit: 30,
    goal: 14,
  },
  {
    what: "core and socket in a Worker",
    contents:
      'export { createRedis } from "@warmpool/core"; export { socketTransport } from "@warmpool/socket"',
    platform: "workerd",
    limit: 26.5,
    goal: 12,
  },
  {
    what: "core over HTTP, at the edge",
    contents:
      'export { createPortableRedis } from "@warmpool/core/portable"; export { upstashTransport } from "@warmpool/upstash/transport"',
    platform: "edge",
    limit: 14,
    goal: 9,
  },
  {
    what: "a Worker over HTTP",
    contents: 'export { withRedis } from "@warmpool/cloudflare/http"',
    platform: "workerd",
    limit: 15,
    goal: 9,
  },
  {
    what: "a Worker over TCP",
    contents: 'export { withRedis } from "@warmpool/cloudflare/tcp"',
    platform: "workerd",
    limit: 28,
    goal: 13,
  },
  {
    what: "a Worker bound to the pool",
    contents: 'export { withRedis } from "@warmpool/cloudflare/binding"',
    platform: "workerd",
    limit: 12.5,
    goal: 8,
  },
  {
    what: "a Vercel function at the edge",
    contents: 'export { createRedis, redis, withRedis } from "@warmpool/vercel"',
    platform: "edge",
    limit: 15,
    goal: 9,
  },
]

/** The size of one bundle, in kB, made of what is installed in a folder. */
export async function sizeOf({ contents, platform }: Size, folder: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: "js" },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "silent",
    ...OPTIONS[platform],
  })
  const bytes = outputFiles?.[0]?.contents ?? new Uint8Array()
  return gzipSync(bytes, { level: 9 }).length / 1_000
}
