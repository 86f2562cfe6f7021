import { fateOf, type Redis, WarmpoolError } from "@warmpool/core"

/** What a caller was told of one write. */
export type Told = "done" | "unknown" | "not run"

const FATES: readonly Told[] = ["not run", "done", "unknown"]

/** How each kind of collection is read back: its commands by its name. */
const READERS = {
  list: (redis: Redis, key: string) => redis.lrange(key, 0, -1),
  set: (redis: Redis, key: string) => redis.smembers(key),
  hash: (redis: Redis, key: string) => redis.hkeys(key),
  zset: (redis: Redis, key: string) => redis.zrange(key, 0, -1),
} as const

export type Collection = keyof typeof READERS

/** What one caller was told, in memory that does not grow with what it does: bytes, counts and one value. */
export class Account {
  readonly complaints: string[] = []
  unknown = 0
  readonly #counters = new Map<string, { done: number; unknown: number }>()
  readonly #items = new Map<Collection, { readonly fates: Uint8Array; next: number }>()
  #register: { acknowledged: string | null; readonly possible: Set<string> } = {
    acknowledged: null,
    possible: new Set(),
  }
  readonly name: string
  readonly #most: number

  /** @param most - How many items a collection may be given. */
  constructor(name: string, most: number) {
    this.name = name
    this.#most = most
  }

  /** Awaits a write; complains of an error that does not say what became of it. */
  async hear(promise: Promise<unknown>): Promise<Told> {
    try {
      await promise
      return "done"
    } catch (error) {
      return this.told(error, fateOf(promise))
    }
  }

  told(error: unknown, fate = error instanceof WarmpoolError ? error.fate : undefined): Told {
    if (!(error instanceof WarmpoolError) || error.fate === undefined || fate !== error.fate) {
      this.complaints.push(`${this.name}: fate ${fate} of ${String(error)}`)
    }
    if (fate === "unknown") this.unknown += 1
    return fate === "unknown" ? "unknown" : "not run"
  }

  count(key: string, told: Told): void {
    const counter = this.#counters.get(key) ?? { done: 0, unknown: 0 }
    this.#counters.set(key, counter)
    if (told !== "not run") counter[told] += 1
  }

  /** The next item of a collection. */
  nextItem(kind: Collection): number {
    const items = this.#items.get(kind) ?? { fates: new Uint8Array(this.#most), next: 0 }
    this.#items.set(kind, items)
    items.next += 1
    return items.next - 1
  }

  added(kind: Collection, item: number, told: Told): void {
    this.#items.get(kind)?.fates.set([FATES.indexOf(told)], item)
  }

  /** A value was written over the last one. */
  wrote(value: string, told: Told): void {
    if (told === "done") this.#register = { acknowledged: value, possible: new Set() }
    if (told === "unknown") this.#register.possible.add(value)
  }

  /** A value was read: the last one acknowledged, or one that may have been written since. */
  saw(value: string | null): void {
    const { acknowledged, possible } = this.#register
    if (value === acknowledged || (value !== null && possible.has(value))) return
    this.complaints.push(`${this.name}: read a value that was not written last`)
  }

  /** Compares what the server holds with what was told. */
  async audit(redis: Redis): Promise<void> {
    this.saw(await redis.get(`register:${this.name}`))
    for (const [key, { done, unknown }] of this.#counters) {
      const value = Number(await redis.get(key))
      if (value < done || value > done + unknown) {
        this.complaints.push(`${key} is ${value} after ${done} done and ${unknown} unknown`)
      }
    }
    for (const [kind, { fates, next }] of this.#items) {
      const found = await READERS[kind](redis, `${kind}:${this.name}`)
      this.#compare(kind, fates.subarray(0, next), found)
    }
  }

  #compare(kind: Collection, fates: Uint8Array, found: readonly string[]): void {
    const times = new Uint8Array(fates.length)
    for (const item of found) times[Number(item)] = (times[Number(item)] ?? 0) + 1
    for (const [item, fate] of fates.entries()) {
      const told = FATES[fate]
      const there = times[item] ?? 0
      const right = told === "unknown" ? there <= 1 : there === (told === "done" ? 1 : 0)
      if (!right) this.complaints.push(`${kind} of ${this.name} has item ${item} ${there} times: ${told}`)
    }
  }
}
