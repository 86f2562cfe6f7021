import { Redis } from "@upstash/redis"
import { createRedis } from "@warmpool/core"
import { upstashTransport } from "@warmpool/upstash/transport"
import { type Act, ownPrefix, progress, type Stage } from "./act.ts"
import { countingRequests, startGateway } from "./gateway.ts"
import { type Row, table, timeRows } from "./table.ts"

/** What a visit needs of a client. */
interface Visitor {
  set(key: string, value: string): Promise<unknown>
  get(key: string): Promise<unknown>
  incr(key: string): Promise<unknown>
  hgetall(key: string): Promise<unknown>
  lrange(key: string, start: number, stop: number): Promise<unknown>
}

interface Result {
  readonly visits: number
  readonly counted: number
  readonly requests: number
  /** Visits whose `get` did not see the `set` before it. */
  readonly blind: number
  readonly times: readonly number[]
}

const ROWS: readonly Row<Result>[] = [
  ["visits", ({ visits }) => String(visits)],
  ["  that Redis counted", ({ counted }) => String(counted)],
  ["  whose get missed the set before it", ({ blind }) => String(blind)],
  ["HTTP requests", ({ requests }) => String(requests)],
  ...timeRows<Result>("time of a visit", ({ times }) => times),
]

/** Visits by each client in a round. */
const VISITS = 5

export const http: Act = {
  title:
    "Over HTTP, through a gateway of ours in front of the same server: a visit is a set, an incr, a get of what was set,\n" +
    "an hgetall and an lrange, issued in one tick.",
  async run(stage) {
    const results = await compete(stage)
    const ours = results.get("warmpool")
    const isRight = ours && ours.requests === ours.visits && ours.counted === ours.visits && ours.blind === 0
    const flaw = isRight ? undefined : "Over HTTP a visit took more than one request, or was not counted once"
    return { text: table(ROWS, results), flaw }
  },
}

async function compete({ server, rounds, signal }: Stage): Promise<Map<string, Result>> {
  await using gateway = await startGateway(server)
  const address = { url: gateway.url, token: gateway.token }
  // Its clients take turns: one that waits for its own is not one that was frozen, and needs no PING first.
  await using warm = createRedis({ transport: upstashTransport(address), validateAfterMs: 60_000 })
  const visitors = [
    { name: "warmpool", tally: new Tally(warm) },
    { name: "@upstash/redis, auto-pipelining", tally: new Tally(new Redis(address)) },
  ]
  for (let round = 1; round <= rounds; round += 1) {
    for (const { tally } of visitors) {
      for (let visit = 0; visit < VISITS; visit += 1) await tally.visit()
    }
    signal.throwIfAborted()
    const each = VISITS * visitors.length
    progress("visits", round * each, rounds * each)
  }
  const results = new Map<string, Result>()
  for (const { name, tally } of visitors) {
    results.set(name, await tally.result((key) => server.read(key)))
    for (const key of tally.keys) await server.remove(key)
  }
  return results
}

/** One client's visits, and the requests that arrived for them. */
class Tally {
  readonly #client: Visitor
  readonly #prefix = `${ownPrefix()}${crypto.randomUUID()}:`
  readonly #times: number[] = []
  #requests = 0
  #blind = 0

  constructor(client: Visitor) {
    this.#client = client
  }

  get keys(): readonly string[] {
    return ["last", "visits"].map((name) => this.#prefix + name)
  }

  async visit(): Promise<void> {
    const startedAt = performance.now()
    const stamp = `at ${startedAt}`
    const { done, requests } = await countingRequests(() =>
      Promise.all([
        this.#client.set(`${this.#prefix}last`, stamp),
        this.#client.incr(`${this.#prefix}visits`),
        this.#client.get(`${this.#prefix}last`),
        this.#client.hgetall(`${this.#prefix}profile`),
        this.#client.lrange(`${this.#prefix}recent`, 0, -1),
      ]),
    )
    this.#times.push(performance.now() - startedAt)
    this.#requests += requests
    const [, , seen] = done
    if (seen !== stamp) this.#blind += 1
  }

  async result(read: (key: string) => Promise<number>): Promise<Result> {
    return {
      visits: this.#times.length,
      counted: await read(`${this.#prefix}visits`),
      requests: this.#requests,
      blind: this.#blind,
      times: this.#times,
    }
  }
}
