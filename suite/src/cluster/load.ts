import { fateOf, type Redis, WarmpoolError } from "@warmpool/core"
import { expect } from "vitest"

/** What one caller was told of its own keys. */
interface Told {
  readonly key: string
  done: number
  unknown: number
  /** Items of a list that were acknowledged, in order. */
  readonly pushed: number[]
}

export interface LoadOptions {
  /** How many callers, each with a slot of its own. */
  readonly callers?: number
  /** What a caller calls its keys. */
  readonly name?: (caller: number) => string
}

/** Loads so far: each has keys of its own. */
let loads = 0

/** Callers that write without a pause, each to a slot of its own, and remember what they are told. */
export class Load implements AsyncDisposable {
  readonly #redis: Redis
  readonly #told: Told[]
  readonly #running: Promise<unknown>[]
  readonly errors: Error[] = []
  #stopped = false
  /** Every success: whose, and when. */
  readonly #successes: { readonly caller: number; readonly at: number }[] = []

  constructor(redis: Redis, { callers = 24, name }: LoadOptions = {}) {
    this.#redis = redis
    loads += 1
    const nameOf = name ?? ((caller: number) => `load:${loads}:{${caller}}`)
    this.#told = Array.from({ length: callers }, (_, n) => ({
      key: nameOf(n),
      done: 0,
      unknown: 0,
      pushed: [],
    }))
    this.#running = this.#told.map((told, caller) => this.#run(told, caller))
  }

  /** How many commands succeeded. */
  get succeeded(): number {
    return this.#successes.length
  }

  /** Resolves once every caller has succeeded again. */
  async allSucceed(): Promise<void> {
    const since = performance.now()
    while (
      new Set(this.#successes.filter(({ at }) => at > since).map(({ caller }) => caller)).size <
      this.#told.length
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** The longest that any caller had to wait between two successes, ms. */
  get longestGapMs(): number {
    const last = new Map<number, number>()
    let longest = 0
    for (const { caller, at } of this.#successes) {
      longest = Math.max(longest, at - (last.get(caller) ?? at))
      last.set(caller, at)
    }
    return longest
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
  }

  /** Also a test that failed leaves no caller behind. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Compares what callers were told with what the server has. */
  async check(acknowledged: "all kept" | "may be lost"): Promise<void> {
    const complaints: string[] = []
    for (const { key, done, unknown, pushed } of this.#told) {
      const value = Number(await this.#redis.get(`${key}:n`))
      if (value > done + unknown) complaints.push(`${key} is ${value} after ${done} and ${unknown} unknown`)
      if (value < done && acknowledged === "all kept") complaints.push(`${key} is ${value} after ${done}`)
      const list = (await this.#redis.lrange(`${key}:l`, 0, -1)).map(Number)
      if (new Set(list).size !== list.length) complaints.push(`${key} has an item twice`)
      if (list.some((item, n) => n > 0 && item < (list[n - 1] ?? 0)))
        complaints.push(`${key} is out of order`)
      if (acknowledged === "all kept" && pushed.some((item) => !list.includes(item))) {
        complaints.push(`${key} lacks an item`)
      }
    }
    expect(complaints).toEqual([])
  }

  async #run(told: Told, caller: number): Promise<void> {
    for (let round = 0; !this.#stopped; round += 1) {
      // Two at once: their order must hold, whatever becomes of the first.
      const incremented = this.#redis.incr(`${told.key}:n`)
      const pushed = this.#redis.rpush(`${told.key}:l`, round)
      const [first, second] = await Promise.allSettled([incremented, pushed])
      if (first.status === "fulfilled") told.done += 1
      else if (fateOf(incremented) === "unknown") told.unknown += 1
      if (second.status === "fulfilled") told.pushed.push(round)
      for (const outcome of [first, second]) {
        if (outcome.status === "fulfilled") this.#successes.push({ caller, at: performance.now() })
        else this.#failed(outcome.reason)
      }
    }
  }

  #failed(reason: unknown): void {
    if (reason instanceof WarmpoolError && reason.fate !== undefined) this.errors.push(reason)
    else throw new Error("a caller got an error without a fate", { cause: reason })
  }
}
