import { fileURLToPath } from "node:url"
import { startRedis } from "@warmpool/local"
import { Miniflare } from "miniflare"
import { type Bench, inTurn } from "../bench.ts"
import { bundle, FOR } from "../bundle.ts"
import { CONTROL, OURS } from "../contestants.ts"
import { fill, KEYS_OF } from "../data.ts"
import type { Effort } from "../effort.ts"
import { Recorder } from "../measurement.ts"

const FOLDER = fileURLToPath(new URL("../workers/", import.meta.url))
const COMPATIBILITY = "2026-07-01"
const BURST = 1_000
const [KEY = ""] = KEYS_OF["10 B"]

export const BURSTS = "in workerd: GET 10 B, bursts of 1,000"
export const CONNECT = "in workerd: connect, GET, close"
export const COMPAT = "ioredis, nodejs_compat"

interface WorkerKind {
  readonly contestant: string
  readonly module: string
  readonly flags: readonly string[]
  /** Modules of CommonJS ask for Node's by `require`. */
  readonly banner: string
}

const NODE_REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire("/");'
const KINDS: readonly WorkerKind[] = [
  { contestant: OURS, module: "warmpool.ts", flags: [], banner: "" },
  { contestant: CONTROL, module: "warmpool.ts", flags: [], banner: "" },
  { contestant: COMPAT, module: "ioredis.ts", flags: ["nodejs_compat"], banner: NODE_REQUIRE },
]

export const workerd: Bench = {
  title: "In workerd",
  about:
    "Cloudflare's runtime on this machine, by Miniflare; a Worker opens its connection in the request. Timed from outside, because clocks inside stand still between I/O; " +
    "the request itself is part of it. Left out: node-redis, valkey-glide (native).",
  async run(effort) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    const workers = await Promise.all(KINDS.map(startWorker))
    try {
      await compare(workers, { effort, recorder, url: server.url })
    } finally {
      await Promise.all(workers.map(({ miniflare }) => miniflare.dispose()))
    }
    return recorder.findings
  },
}

interface Worker {
  readonly contestant: string
  readonly miniflare: Miniflare
}

async function startWorker({ contestant, module, flags, banner }: WorkerKind): Promise<Worker> {
  const code = `import { work } from ${JSON.stringify(FOLDER + module)}; export default { fetch: work }`
  const script = await bundle(code, { ...FOR.workerd, ...externals(flags), banner: { js: banner } })
  const miniflare = new Miniflare({
    modules: true,
    script,
    compatibilityDate: COMPATIBILITY,
    compatibilityFlags: [...flags],
  })
  await miniflare.ready
  return { contestant, miniflare }
}

/** With `nodejs_compat` a bundle is made as for Node. */
function externals(flags: readonly string[]): { readonly platform?: "node" } {
  return flags.includes("nodejs_compat") ? { platform: "node" } : {}
}

interface Comparison {
  readonly effort: Effort
  readonly recorder: Recorder
  readonly url: string
}

async function compare(workers: readonly Worker[], { effort, recorder, url }: Comparison): Promise<void> {
  const { rounds, workerBursts, workerConnects } = effort
  for (const worker of workers) await timeWork(worker, { work: "bursts", times: workerBursts, url })
  await inTurn(rounds, workers, async (worker) => {
    const ms = await timeWork(worker, { work: "bursts", times: workerBursts, url })
    const rate = (workerBursts * BURST * 1_000) / ms
    recorder.add({ what: BURSTS, unit: "commands/s", contestant: worker.contestant }, rate)
  })
  for (const worker of workers) await timeWork(worker, { work: "connects", times: workerConnects, url })
  await inTurn(rounds, workers, async (worker) => {
    const ms = await timeWork(worker, { work: "connects", times: workerConnects, url })
    recorder.add({ what: CONNECT, unit: "ms", contestant: worker.contestant }, ms / workerConnects)
  })
}

interface Work {
  readonly work: "bursts" | "connects"
  readonly times: number
  readonly url: string
}

async function timeWork({ contestant, miniflare }: Worker, { work, times, url }: Work): Promise<number> {
  const query = new URLSearchParams({ work, times: String(times), url, key: KEY })
  const startedAt = performance.now()
  const response = await miniflare.dispatchFetch(`http://worker/?${query}`)
  const text = await response.text()
  const ms = performance.now() - startedAt
  if (text !== "done") throw new Error(`the Worker of ${contestant} failed: ${text.split("\n")[0]}`)
  return ms
}
