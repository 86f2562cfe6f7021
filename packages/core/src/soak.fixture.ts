import { type Bench, cold, FakeScope, setBack, type Watched, watch } from "./client.fixture.ts"
import { ConnectionError, type Fate, ReplyError, WarmpoolError } from "./errors.ts"
import { fateOf } from "./fate-of.ts"
import type { Lease, Outcome } from "./redis.ts"

const LOG = "log"
const REFUSALS = [
  "LOADING loading",
  "READONLY replica",
  "TRYAGAIN again",
  "NOAUTH who are you",
  "CLUSTERDOWN down",
]

/** Numbers from 0 to 1, the same for the same seed. Source: mulberry32, Tommy Ettinger, public domain. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One write of the storm: an entry of its own in a list, so that a second run shows. */
interface Entry {
  readonly id: number
  readonly lane: "shared" | "lease"
  fate: "pending" | "ran" | Fate | "answered"
}

/** Random commands under random faults, and what must hold afterwards. */
export class Storm {
  readonly #random: () => number
  readonly #bench: Bench
  readonly #scopes: FakeScope[] = []
  readonly #entries: Entry[] = []
  readonly #others: Watched[] = []

  constructor(seed: number) {
    this.#random = randomFrom(seed)
    const options = { max: 3, validateTimeoutMs: 50, maxLifetimeMs: 5_000, idleTimeoutMs: 2_000 } as const
    this.#bench = this.#random() < 0.5 ? cold(options) : cold(options, { traits: { maxRequests: 3 } })
  }

  async rage(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const commands = this.#upTo(6)
      this.#enterInvocation()
      for (let n = 0; n < commands; n += 1) this.#issue()
      if (this.#random() < 0.5) this.#fault()
      if (this.#random() < 0.2) await this.#bench.host.freeze(this.#upTo(3_000))
      else await this.#bench.host.advance(this.#upTo(200))
    }
  }

  /** A third of all commands are issued in an invocation, some in one that is about to end. */
  #enterInvocation(): void {
    const { host } = this.#bench
    const luck = this.#random()
    if (luck < 0.3) this.#scopes.push(new FakeScope(host.now() + this.#upTo(3_000)))
    if (luck > 0.9) this.#scopes.at(-1)?.end()
    host.current = luck < 0.3 ? this.#scopes.at(-1) : undefined
  }

  /** Ends every fault, and gives everything the time it may take. */
  async calm(): Promise<void> {
    const { redis, transport, host } = this.#bench
    host.current = undefined
    transport.accept()
    transport.drainBacklog()
    transport.release()
    transport.setLatency(0)
    await host.advance(10_000)
    // Uses up what was still planned for replies to come.
    for (let n = 0; n < 10; n += 1) {
      this.#others.push(watch(redis.get("calm")))
      await host.advance(500)
    }
  }

  /** Whether a command is answered once the storm is over. */
  async reach(): Promise<string[]> {
    const { redis, host } = this.#bench
    host.current = undefined
    const alive = watch(redis.incr("alive"))
    await host.advance(1_500)
    return alive.state === "resolved" ? [] : [`a healthy server is not reached: ${alive.error?.message}`]
  }

  async close(): Promise<void> {
    await this.#bench.redis.close()
    await this.#bench.host.settle()
  }

  async drain(): Promise<void> {
    const drained = watch(this.#bench.redis.drain())
    this.#others.push(drained)
    await this.#bench.host.advance(5_000)
  }

  /** What is wrong after the end of the client; empty if nothing is. */
  async faults(): Promise<string[]> {
    const { redis, transport, host } = this.#bench
    const wrong: string[] = []
    for (const { id, fate } of this.#entries)
      if (fate === "pending") wrong.push(`write ${id} is still pending`)
    if (this.#others.some(({ state }) => state === "pending")) wrong.push("a read or a wait is still pending")
    for (const lane of ["shared", "lease"] as const) wrong.push(...this.#compare(lane))
    // The storm's own timers, of faults that would have ended later.
    await host.advance(500)
    if (host.timers > 0) wrong.push(`${host.timers} timers are left`)
    if (transport.open.length + transport.connecting > 0) wrong.push("connections are left")
    const { leased, idle, shared, connecting, waiting } = redis.stats()
    if (leased + idle + shared + connecting + waiting > 0) wrong.push("the statistics count what is gone")
    return wrong
  }

  /** Each write ran as often as its caller was told, and in the order of issue. */
  #compare(lane: "shared" | "lease"): string[] {
    const list = this.#bench.transport.server.database(0).get(`${LOG}:${lane}`) ?? []
    const ran = (Array.isArray(list) ? list : []).map((bytes) => Number(new TextDecoder().decode(bytes)))
    const wrong: string[] = []
    for (const { id, fate } of this.#entries.filter((entry) => entry.lane === lane)) {
      const times = ran.filter((each) => each === id).length
      const right = fate === "unknown" ? times <= 1 : times === (fate === "ran" ? 1 : 0)
      if (!right) wrong.push(`write ${id} ran ${times} times and is ${fate}`)
    }
    const acknowledged = new Set(this.#entries.filter(({ fate }) => fate === "ran").map(({ id }) => id))
    const order = ran.filter((id) => acknowledged.has(id))
    if (lane === "shared" && order.some((id, n) => id < (order[n - 1] ?? 0)))
      wrong.push(`out of order: ${order}`)
    return wrong
  }

  #issue(): void {
    const { redis } = this.#bench
    const view = this.#view()
    const kinds = [
      () => this.#push(view, "shared"),
      () => this.#pushAll((commands) => view.pipeline(commands).exec()),
      () => this.#pushAll((commands) => view.multi(commands).exec()),
      () => this.#others.push(watch(view.lrange(`${LOG}:shared`, 0, -1))),
      () => this.#others.push(watch(view.pipeline().get("a").get("b").exec())),
      () => this.#others.push(watch(redis.blpop("none", 0.2))),
      () => this.#others.push(watch(redis.use((lease) => this.#push(lease, "lease")))),
    ]
    kinds[this.#upTo(kinds.length)]?.()
  }

  #view() {
    const { redis, host } = this.#bench
    const luck = this.#random()
    if (luck < 0.7) return redis
    if (luck < 0.85) return redis.with({ timeoutMs: 1 + this.#upTo(300) })
    const abort = new AbortController()
    host.after(this.#upTo(100), () => abort.abort(new Error("the caller gave up")))
    return redis.with({ signal: abort.signal })
  }

  #entry(lane: "shared" | "lease"): Entry {
    const entry: Entry = { id: this.#entries.length, lane, fate: "pending" }
    this.#entries.push(entry)
    return entry
  }

  async #push(on: Pick<Lease, "rpush">, lane: "shared" | "lease"): Promise<void> {
    const entry = this.#entry(lane)
    const promise = on.rpush(`${LOG}:${lane}`, entry.id)
    try {
      await promise
      entry.fate = "ran"
    } catch {
      entry.fate = fateOf(promise) ?? "answered"
    }
  }

  async #pushAll(exec: (commands: (string | number)[][]) => Promise<Outcome[] | null>): Promise<void> {
    const entries = Array.from({ length: 1 + this.#upTo(4) }, () => this.#entry("shared"))
    const promise = exec(entries.map(({ id }) => ["rpush", `${LOG}:shared`, id]))
    try {
      const outcomes = (await promise) ?? []
      for (const [n, entry] of entries.entries()) entry.fate = fateIn(outcomes[n])
    } catch {
      for (const entry of entries) entry.fate = fateOf(promise) ?? "answered"
    }
  }

  #fault(): void {
    const { transport, host } = this.#bench
    const later = (run: () => void) => void host.after(this.#upTo(400), run)
    const faults = [
      () => transport.cut(),
      () => transport.connections.at(-1)?.destroy(new ConnectionError("reset")),
      () => transport.loseReplyOf(1 + this.#upTo(4)),
      () => transport.loseReplyOf(1 + this.#upTo(4), "silence"),
      () => transport.cutAfter(1 + this.#upTo(4)),
      () => transport.silence(),
      () => {
        transport.stall(this.#random() < 0.5 ? "hanging" : "accepting")
        later(() => transport.accept())
      },
      () => {
        transport.refuse()
        later(() => transport.accept())
      },
      () => {
        transport.refuseHandshake(new ReplyError("WRONGPASS wrong"))
        later(() => transport.accept())
      },
      () => transport.answerNext(new ReplyError(REFUSALS[this.#upTo(REFUSALS.length)] ?? "LOADING")),
      () => {
        transport.fillBacklog(1_000)
        later(() => transport.drainBacklog())
      },
      () => {
        transport.hold()
        later(() => transport.release())
      },
      () => transport.setLatency(this.#upTo(30)),
      () => setBack(host, this.#upTo(10_000)),
    ]
    faults[this.#upTo(faults.length)]?.()
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * most)
  }
}

function fateIn(outcome: Outcome | undefined): Entry["fate"] {
  const error = outcome?.[0]
  if (outcome === undefined || error === null) return outcome ? "ran" : "pending"
  return error instanceof WarmpoolError ? (error.fate ?? "answered") : "answered"
}
