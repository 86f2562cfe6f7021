import { gzipSync } from "node:zlib"
import type { BuildOptions } from "esbuild"
import type { Bench } from "../bench.ts"
import { bundle, FOR } from "../bundle.ts"
import { OURS } from "../contestants.ts"
import { Recorder } from "../measurement.ts"

export const FUNCTION = "a client on Node, bundled"
export const WORKER = "a client in a Worker, bundled"

interface Entry {
  readonly what: string
  readonly contestant: string
  readonly contents: string
  readonly options: BuildOptions
}

const node: BuildOptions = { ...FOR.node, format: "esm" }

const ENTRIES: readonly Entry[] = [
  {
    what: FUNCTION,
    contestant: OURS,
    contents: 'export { createRedis, withRedis } from "@warmpool/lambda"',
    options: node,
  },
  {
    what: FUNCTION,
    contestant: "warmpool, core and socket only",
    contents:
      'export { createRedis } from "@warmpool/core"; export { socketTransport } from "@warmpool/socket"',
    options: node,
  },
  { what: FUNCTION, contestant: "ioredis", contents: 'export { Redis } from "ioredis"', options: node },
  {
    what: FUNCTION,
    contestant: "node-redis",
    contents: 'export { createClient } from "redis"',
    options: node,
  },
  {
    what: FUNCTION,
    contestant: "@upstash/redis",
    contents: 'export { Redis } from "@upstash/redis"',
    options: node,
  },
  {
    what: WORKER,
    contestant: OURS,
    contents:
      'export { createRedis } from "@warmpool/core"; export { socketTransport } from "@warmpool/socket"',
    options: FOR.workerd,
  },
  {
    what: WORKER,
    contestant: "@upstash/redis",
    contents: 'export { Redis } from "@upstash/redis/cloudflare"',
    options: FOR.workerd,
  },
]

export const size: Bench = {
  title: "Size",
  about:
    "One entry each, with everything it needs but Node's own modules: bundled and minified by esbuild, gzip level 9, 1 kB = 1,000 bytes. " +
    "valkey-glide is left out: its native core can't be bundled (15 MB).",
  async run() {
    const recorder = new Recorder()
    for (const { what, contestant, contents, options } of ENTRIES) {
      const bytes = gzipSync(await bundle(contents, options), { level: 9 }).length
      recorder.add({ what, unit: "kB gzipped", contestant }, bytes / 1_000)
    }
    return recorder.findings
  },
}
