import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { startRedis } from "@warmpool/local"
import type { BuildOptions } from "esbuild"
import { type Bench, inTurn } from "../bench.ts"
import { bundle, FOR } from "../bundle.ts"
import { CONTROL, OURS } from "../contestants.ts"
import { fill, KEYS_OF } from "../data.ts"
import { Recorder } from "../measurement.ts"

/** Inside the workspace: what can't be bundled must still be found. */
const DIST = fileURLToPath(new URL("../../dist/", import.meta.url))
const [KEY = ""] = KEYS_OF["10 B"]

const TOLD = "console.log(performance.now()); process.exit(0)"
const URL_OF = 'process.env["REDIS_URL"]'
const BARE = "bare Node"

const warmpool = `
  import { createRedis } from "@warmpool/lambda"
  createRedis().get("${KEY}").then(() => { ${TOLD} })`

const PROGRAMS: Readonly<Record<string, string>> = {
  [BARE]: TOLD,
  [OURS]: warmpool,
  [CONTROL]: warmpool,
  ioredis: `
    import { Redis } from "ioredis"
    new Redis(${URL_OF}).get("${KEY}").then(() => { ${TOLD} })`,
  "node-redis": `
    import { createClient } from "redis"
    const redis = createClient({ url: ${URL_OF} })
    redis.connect().then(() => redis.get("${KEY}")).then(() => { ${TOLD} })`,
  "valkey-glide": `
    import { GlideClient } from "@valkey/valkey-glide"
    const { hostname: host, port } = new URL(${URL_OF})
    GlideClient.createClient({ addresses: [{ host, port: Number(port) }] })
      .then((redis) => redis.get("${KEY}")).then(() => { ${TOLD} })`,
}

export const COLD = "to the first reply, less Node's own start"
export const COLD_WITH_HTTP = "the same, with node:http loaded as on Lambda"

/** What the runtime has loaded before the function's own code. */
const VARIANTS: Readonly<Record<string, string>> = {
  [COLD]: "",
  [COLD_WITH_HTTP]: 'require("node:http");',
}

export const coldStart: Bench = {
  title: "Cold start",
  about:
    "A fresh process: from its start to its first reply, less what Node takes to run an empty program in the same round. Bundled and minified by esbuild (CommonJS, as Lambda's tools do); " +
    "valkey-glide can't be bundled. Left out: what Lambda does before Node starts.",
  async run({ fineRounds }) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await mkdir(DIST, { recursive: true })
    const folder = await mkdtemp(join(DIST, "cold-"))
    try {
      for (const [what, banner] of Object.entries(VARIANTS)) {
        const files = await writeAll(folder, banner)
        await measure(files, { what, rounds: fineRounds, url: server.url, recorder })
      }
    } finally {
      await rm(folder, { recursive: true })
    }
    return recorder.findings
  },
}

interface Starts {
  readonly what: string
  readonly rounds: number
  readonly url: string
  readonly recorder: Recorder
}

type Files = readonly (readonly [contestant: string, file: string])[]

/** Bundles every program; gives their files. */
async function writeAll(folder: string, banner: string): Promise<Files> {
  const write = async ([contestant, contents]: readonly [string, string]) => {
    const file = join(folder, `${contestant.replaceAll(/\W+/g, "-")}${banner.length}.cjs`)
    const options: BuildOptions = {
      ...FOR.node,
      format: "cjs",
      banner: { js: banner },
      external: ["@valkey/*"],
    }
    await writeFile(file, await bundle(contents, options))
    return [contestant, file] as const
  }
  return Promise.all(Object.entries(PROGRAMS).map(write))
}

async function measure(files: Files, { what, rounds, url, recorder }: Starts): Promise<void> {
  // The first start of each reads its file from the disk.
  if (rounds > 1) for (const [, file] of files) await startOnce(file, url)
  const times = new Map<string, number[]>()
  await inTurn(rounds, files, async ([contestant, file], round) => {
    const known = times.get(contestant) ?? []
    known[round] = await startOnce(file, url)
    times.set(contestant, known)
  })
  const bare = times.get(BARE) ?? []
  for (const [contestant, values] of times) {
    if (contestant === BARE) continue
    for (const [round, ms] of values.entries()) {
      recorder.add({ what, unit: "ms", contestant }, ms - (bare[round] ?? Number.NaN))
    }
  }
}

/** From the process's own beginning to its first reply, ms. */
async function startOnce(file: string, url: string): Promise<number> {
  const env = { ...process.env, REDIS_URL: url }
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env })
  return Number(stdout)
}
