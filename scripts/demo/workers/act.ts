import { type Act, ownPrefix, progress, type Stage } from "../act.ts"
import { countingRequests, type DemoGateway, startGateway } from "../gateway.ts"
import { isRight, REQUEST_ROWS, type Requests } from "../requests.ts"
import { type Row, table, timeRows } from "../table.ts"
import { Worker, type WorkerKind } from "./runtime.ts"

/** Requests at once. */
const AT_ONCE = 10
/** A client at module scope hangs: it gets only so many requests. */
const TRAPPED = 10

interface Result extends Requests {
  readonly subrequests: number
}

const ROWS: readonly Row<Result>[] = [
  ...REQUEST_ROWS,
  ["HTTP subrequests", ({ subrequests }) => String(subrequests)],
  ...timeRows<Result>("time of a request", ({ times }) => times),
]

export const workers: Act = {
  title: `Cloudflare Workers, in workerd: a Worker that counts, each way to the server, ${AT_ONCE} requests at once.`,
  async run(stage) {
    await using started = new AsyncDisposableStack()
    const contenders = await Promise.all(
      (await kindsOf(stage, started)).map(async ([name, kind]) => {
        const key = kind.bindings["KEY"] ?? ""
        return [name, started.use(await Contender.start(stage, kind, key))] as const
      }),
    )
    for (let round = 1; round <= stage.rounds; round += 1) {
      for (const [, contender] of contenders) await contender.round(AT_ONCE)
      stage.signal.throwIfAborted()
      const each = AT_ONCE * contenders.length
      progress("requests", round * each, stage.rounds * each)
    }
    const results = new Map<string, Result>()
    for (const [name, contender] of contenders) results.set(name, await contender.result())
    const flawed = [...results].some(([name, result]) => name.startsWith("warmpool") && !isRight(result))
    return {
      text: `${table(ROWS, results)}\n\n${await trap(stage)}`,
      flaw: flawed ? "A warm Worker failed, or counted wrongly" : undefined,
    }
  },
}

async function kindsOf({ server }: Stage, started: AsyncDisposableStack): Promise<[string, WorkerKind][]> {
  const gateway = started.use(await startGateway(server))
  const key = () => ({ KEY: `${ownPrefix()}${crypto.randomUUID()}` })
  return [
    ["warmpool, pool", { file: "ours.ts", bindings: key(), pool: { redisUrl: server.url } }],
    ["warmpool, HTTP", { file: "ours.ts", bindings: { ...key(), ...restOf(gateway) } }],
    ["warmpool, TCP", { file: "ours.ts", bindings: { ...key(), REDIS_URL: server.url } }],
    [
      "ioredis, a client per request",
      { file: "naive.ts", bindings: { ...key(), REDIS_URL: server.url }, node: "nodejs_compat" },
    ],
  ]
}

function restOf({ url, token }: DemoGateway): Readonly<Record<string, string>> {
  return { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token }
}

/** What becomes of a client at module scope, which is what works everywhere else. */
async function trap({ server }: Stage): Promise<string> {
  const KEY = `${ownPrefix()}${crypto.randomUUID()}`
  await using worker = await Worker.start({
    file: "module-scope.ts",
    bindings: { KEY, REDIS_URL: server.url },
    node: "nodejs_compat",
  })
  let answered = 0
  for (let request = 0; request < TRAPPED; request += 1) {
    if ((await worker.visit()) !== undefined) answered += 1
  }
  await server.remove(KEY)
  return `A client of ioredis at module scope answered ${answered} of ${TRAPPED} requests, one after the other.`
}

/** One Worker, and what its requests came to. */
class Contender implements AsyncDisposable {
  readonly #stage: Stage
  readonly #worker: Worker
  readonly #key: string
  readonly #times: number[] = []
  #requests = 0
  #connections = 0
  #subrequests = 0

  private constructor(stage: Stage, worker: Worker, key: string) {
    this.#stage = stage
    this.#worker = worker
    this.#key = key
  }

  static async start(stage: Stage, kind: WorkerKind, key: string): Promise<Contender> {
    return new Contender(stage, await Worker.start(kind), key)
  }

  async round(requests: number): Promise<void> {
    const { server } = this.#stage
    const before = await server.connections()
    const { done: times, requests: subrequests } = await countingRequests(() =>
      Promise.all(Array.from({ length: requests }, () => this.#worker.visit())),
    )
    this.#subrequests += subrequests
    this.#connections += (await server.connections()) - before
    this.#requests += requests
    this.#times.push(...times.filter((ms) => ms !== undefined))
  }

  async result(): Promise<Result> {
    const counted = await this.#stage.server.read(this.#key)
    await this.#stage.server.remove(this.#key)
    return {
      requests: this.#requests,
      failed: this.#requests - this.#times.length,
      counted,
      connections: this.#connections,
      subrequests: this.#subrequests,
      times: this.#times,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]()
  }
}
