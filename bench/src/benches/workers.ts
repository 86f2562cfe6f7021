import { fileURLToPath } from "node:url"
import { startRedis } from "@warmpool/local"
import { Miniflare, type WorkerOptions } from "miniflare"
import { Asker } from "../asker/asker.ts"
import { type Bench, inTurn } from "../bench.ts"
import { bundle, FOR } from "../bundle.ts"
import { restAddress } from "../clients/rest-address.ts"
import { OURS } from "../contestants.ts"
import { fill, KEYS_OF, VALUES } from "../data.ts"
import type { Effort } from "../effort.ts"
import { type GatewayProcess, startGateway } from "../gateway/gateway-process.ts"
import { quantile, Recorder } from "../measurement.ts"

const FOLDER = fileURLToPath(new URL("../workers/ways/", import.meta.url))
const COMPATIBILITY = "2026-07-01"
const CONNECTIONS = 20
const TICKS = 10
const GETS = 100
const TURNS_LONGER = 3
const [KEY = ""] = KEYS_OF["10 B"]

const ONE = "a Worker's request with one GET, 20 at once"
const MANY = "a Worker's request with 10 ticks of 100 GETs"

interface Kind {
  readonly contestant: string
  readonly module: string
  readonly node?: "nodejs_compat"
}

interface Load {
  readonly what: string
  readonly path: string
  readonly connections: number
  /** Commands of one request. */
  readonly commands: number
}

const LOADS: readonly Load[] = [
  { what: ONE, path: "/", connections: CONNECTIONS, commands: 1 },
  { what: MANY, path: `/?ticks=${TICKS}&gets=${GETS}`, connections: 1, commands: TICKS * GETS },
]

const KINDS: readonly Kind[] = [
  { contestant: OURS, module: "pool.ts" },
  { contestant: "warmpool, HTTP", module: "http.ts" },
  { contestant: "warmpool, TCP", module: "tcp.ts" },
  { contestant: "ioredis per request, nodejs_compat", module: "ioredis.ts", node: "nodejs_compat" },
  { contestant: "redis-on-workers per request", module: "redis-on-workers.ts" },
  { contestant: "@upstash/redis", module: "upstash.ts" },
]

export const workers: Bench = {
  title: "Workers, by each way to the server",
  about:
    `Each Worker in a workerd of its own, asked over ${CONNECTIONS} keep-alive connections: one GET a request; and one connection, ${TICKS} ticks of ${GETS} GETs a request. ` +
    '"warmpool" is the binding to the pool, a Durable Object in the same workerd. Everything over HTTP goes through one gateway of ours. Left out: Cloudflare\'s network, in which a connect costs round trips that loopback has not.',
  async run({ rounds, turnMs, warmUpMs }) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using gateway = await startGateway(server.url)
    await using started = new AsyncDisposableStack()
    const all = await Promise.all(
      KINDS.map(async (kind) => {
        const runtime = new Miniflare({ workers: await workersOf(kind, server.url, gateway) })
        started.defer(() => runtime.dispose())
        await runtime.ready
        const { port } = await runtime.unsafeGetDirectURL("app")
        return { contestant: kind.contestant, port: Number(port) }
      }),
    )
    for (const load of LOADS) await compare(all, load, { recorder, rounds, turnMs, warmUpMs })
    return recorder.findings
  },
}

interface Contestant {
  readonly contestant: string
  readonly port: number
}

type Conduct = Pick<Effort, "rounds" | "turnMs" | "warmUpMs"> & { readonly recorder: Recorder }

async function compare(
  all: readonly Contestant[],
  { what, path, connections, commands }: Load,
  { recorder, rounds, turnMs, warmUpMs }: Conduct,
): Promise<void> {
  const question = { bytes: `GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`, commands }
  const expected = VALUES["10 B"]
  const askers = await Promise.all(
    all.map(async ({ contestant, port }) => {
      const asker = await Asker.open(port, connections, { question, expected })
      return { contestant, asker }
    }),
  )
  if (warmUpMs > 0) for (const { asker } of askers) await asker.ask(warmUpMs)
  await inTurn(rounds, askers, async ({ contestant, asker }) => {
    const { answers, ms, waits } = await asker.ask(turnMs * TURNS_LONGER)
    const unit = commands === 1 ? "requests/s" : "commands/s"
    recorder.add({ what, unit, contestant }, (answers * commands * 1_000) / ms)
    if (commands > 1) return
    recorder.add({ what: `${what}, p50`, unit: "ms", contestant }, quantile(waits, 0.5))
    recorder.add({ what: `${what}, p99`, unit: "ms", contestant }, quantile(waits, 0.99))
  })
  for (const { asker } of askers) asker.close()
}

async function workersOf(kind: Kind, redisUrl: string, gateway: GatewayProcess): Promise<WorkerOptions[]> {
  const { url, token } = restAddress(gateway.address)
  const rest = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }
  const app: WorkerOptions = {
    name: "app",
    modules: true,
    script: await script(kind),
    compatibilityDate: COMPATIBILITY,
    ...(kind.node && { compatibilityFlags: [kind.node] }),
    bindings: { KEY, REDIS_URL: redisUrl, ...rest },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    ...(kind.module === "pool.ts" && {
      serviceBindings: { REDIS: { name: "redis-pool", entrypoint: "RedisBinding" } },
    }),
  }
  if (kind.module !== "pool.ts") return [app]
  const pool: WorkerOptions = {
    name: "redis-pool",
    modules: true,
    script: await bundle(
      `export * from ${JSON.stringify(`${FOLDER}pool-worker.ts`)}; export default {}`,
      FOR.workerd,
    ),
    compatibilityDate: COMPATIBILITY,
    bindings: { REDIS_URL: redisUrl },
    durableObjects: { REDIS_POOL: { className: "RedisPool", useSQLite: true } },
  }
  return [app, pool]
}

/** With `nodejs_compat` a bundle is made as for Node; modules of CommonJS ask for Node's by `require`. */
function script({ module, node }: Kind): Promise<string> {
  const code = `export { default } from ${JSON.stringify(FOLDER + module)}`
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' }
  return bundle(code, { ...FOR.workerd, ...(node && { platform: "node" as const, banner }) })
}
