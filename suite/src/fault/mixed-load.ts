import { AcquireTimeoutError, fateOf, type Redis, ReplyError, WarmpoolError } from "@warmpool/core"

/** What a command may do beyond its deadline: verdicts wait for input that is still coming in. */
const GRACE_MS = 300

/** One write and what its caller was told. */
interface Told {
  readonly key: string
  readonly outcome: "done" | "unknown" | "not run"
}

/** Everything that the callers of one run were told. */
export class Testimony {
  readonly counters = new Map<string, { done: number; unknown: number }>()
  readonly writes: Told[] = []
  /** By list: items acknowledged, in order. */
  readonly pushed = new Map<string, string[]>()
  readonly complaints: string[] = []
  settled = 0
  failed = 0

  count(key: string, outcome: Told["outcome"]): void {
    const counter = this.counters.get(key) ?? { done: 0, unknown: 0 }
    this.counters.set(key, counter)
    if (outcome === "done") counter.done += 1
    if (outcome === "unknown") counter.unknown += 1
  }
}

/** The longest that this process did nothing: a busy machine must not pass for a late promise. */
export class Pauses implements Disposable {
  longestMs = 0
  readonly #timer: NodeJS.Timeout

  constructor() {
    let last = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.longestMs = Math.max(this.longestMs, now - last - 5)
      last = now
    }, 5)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** One caller: a mix of everything, one after the other, until told to stop. */
export class Caller {
  readonly #redis: Redis
  readonly #name: string
  readonly #testimony: Testimony
  readonly #limits: { readonly timeoutMs: number; readonly pauses: Pauses }
  #round = 0

  constructor(
    redis: Redis,
    name: string,
    about: { testimony: Testimony; timeoutMs: number; pauses: Pauses },
  ) {
    this.#redis = redis
    this.#name = name
    this.#testimony = about.testimony
    this.#limits = about
  }

  async run(goesOn: () => boolean): Promise<void> {
    const acts = [
      () => this.#incr(),
      () => this.#set(),
      () => this.#read(),
      () => this.#push(),
      () => this.#pipeline(),
      () => this.#transaction(),
      () => this.#lease(),
      () => this.#impatient(),
      () => this.#abort(),
      () => this.#large(),
      () => this.#block(),
    ]
    while (goesOn()) {
      this.#round += 1
      await acts[Math.floor(Math.random() * acts.length)]?.()
    }
  }

  /** Awaits a command; notes what its caller is told, and whether that came in time. */
  async #ask<T>(promise: Promise<T>, timeoutMs = this.#limits.timeoutMs): Promise<T | Error> {
    const startedAt = performance.now()
    const outcome = await promise.catch((error: unknown) =>
      error instanceof Error ? error : new Error(`rejected with ${String(error)}`),
    )
    const tookMs = performance.now() - startedAt
    const allowedMs = timeoutMs + GRACE_MS + this.#limits.pauses.longestMs
    if (tookMs > allowedMs) this.#complain(`settled after ${tookMs} ms, allowed were ${allowedMs}`)
    this.#testimony.settled += 1
    if (outcome instanceof Error) {
      this.#testimony.failed += 1
      this.#examine(outcome, promise)
    }
    return outcome
  }

  #examine(error: Error, promise: Promise<unknown>): void {
    if (error.message === ABORTED) {
      if (fateOf(promise) === undefined) this.#complain("an abort without a fate")
      return
    }
    if (!(error instanceof WarmpoolError)) this.#complain(`an error that is not ours: ${error.message}`)
    // An answer: the server became a replica while the command waited.
    else if (error instanceof ReplyError && error.kind === "UNBLOCKED") return
    else if (error.fate === undefined) this.#complain(`an error without a fate: ${error.message}`)
    // Acquiring a lease is no command: its fate stands in the error alone.
    else if (error instanceof AcquireTimeoutError) return
    else if (fateOf(promise) !== error.fate)
      this.#complain(`fateOf differs from ${error.fate}: ${error.message}`)
  }

  #complain(what: string): void {
    this.#testimony.complaints.push(`${this.#name}: ${what}`)
  }

  #expect(actual: unknown, expected: unknown): void {
    if (actual !== expected) this.#complain(`got ${String(actual)} in place of ${String(expected)}`)
  }

  async #incr(): Promise<void> {
    const key = `count:${this.#name}`
    const promise = this.#redis.incr(key)
    this.#testimony.count(key, toldOf(await this.#ask(promise), promise))
  }

  async #set(): Promise<void> {
    const key = `set:${this.#name}:${this.#round}`
    const promise = this.#redis.set(key, this.#round)
    this.#testimony.writes.push({ key, outcome: toldOf(await this.#ask(promise), promise) })
  }

  async #read(): Promise<void> {
    const reply = await this.#ask(this.#redis.get(`constant:${this.#round % 10}`))
    if (!(reply instanceof Error)) this.#expect(reply, String(this.#round % 10))
  }

  async #push(): Promise<void> {
    const key = `list:${this.#name}`
    const item = `${this.#round}`
    const reply = await this.#ask(this.#redis.rpush(key, item))
    if (reply instanceof Error) return
    this.#testimony.pushed.set(key, [...(this.#testimony.pushed.get(key) ?? []), item])
  }

  async #pipeline(): Promise<void> {
    const key = `count:${this.#name}:piped`
    const outcomes = await this.#ask(
      this.#redis.pipeline().incr(key).get("constant:1").incr(key).get("constant:2").exec(),
    )
    if (outcomes instanceof Error) {
      this.#complain(`a pipeline was rejected: ${outcomes.message}`)
      return
    }
    for (const [n, [error, reply]] of outcomes.entries()) {
      if (n % 2 === 0) this.#testimony.count(key, error ? toldByError(error) : "done")
      else if (!error) this.#expect(reply, n === 1 ? "1" : "2")
    }
  }

  async #transaction(): Promise<void> {
    const key = `count:${this.#name}:atomic`
    const promise = this.#redis.multi().incr(key).incr(key).exec()
    const outcomes = await this.#ask(promise)
    const told = toldOf(outcomes, promise)
    this.#testimony.count(key, told)
    this.#testimony.count(key, told)
    if (Array.isArray(outcomes)) this.#expect(Number(outcomes[0]?.[1]) + 1, outcomes[1]?.[1])
  }

  async #lease(): Promise<void> {
    const key = `count:${this.#name}:leased`
    const { timeoutMs } = this.#limits
    const lease = await this.#ask(this.#redis.acquire(), timeoutMs)
    if (lease instanceof Error) return
    const promise = lease.incr(key)
    this.#testimony.count(key, toldOf(await this.#ask(promise), promise))
    await lease.release()
  }

  async #impatient(): Promise<void> {
    const key = `count:${this.#name}:impatient`
    const promise = this.#redis.with({ timeoutMs: 1 + Math.floor(Math.random() * 10) }).incr(key)
    this.#testimony.count(key, toldOf(await this.#ask(promise, 10), promise))
  }

  async #abort(): Promise<void> {
    const key = `count:${this.#name}:aborted`
    const abort = new AbortController()
    const promise = this.#redis.with({ signal: abort.signal }).incr(key)
    setTimeout(() => abort.abort(new Error(ABORTED)), Math.random() * 5)
    this.#testimony.count(key, toldOf(await this.#ask(promise), promise))
  }

  async #large(): Promise<void> {
    const key = `large:${this.#name}:${this.#round}`
    const promise = this.#redis.set(key, Buffer.alloc(50_000, this.#round & 0xff))
    this.#testimony.writes.push({ key, outcome: toldOf(await this.#ask(promise), promise) })
  }

  async #block(): Promise<void> {
    const reply = await this.#ask(this.#redis.blpop("never", 0.01), this.#limits.timeoutMs * 2)
    if (!(reply instanceof Error)) this.#expect(reply, null)
  }
}

const ABORTED = "the caller left"

function toldOf(outcome: unknown, promise: Promise<unknown>): Told["outcome"] {
  if (!(outcome instanceof Error)) return "done"
  return fateOf(promise) === "unknown" ? "unknown" : "not run"
}

function toldByError(error: Error): Told["outcome"] {
  return error instanceof WarmpoolError && error.fate === "unknown" ? "unknown" : "not run"
}
