import type { Outcome, Redis } from "@warmpool/core"
import type { Account, Collection } from "./account.ts"

const COUNTERS = 5

/** One caller that sends a mix of everything, one after the other, and keeps account of what it is told. */
export class MixedCaller {
  sent = 0
  readonly #redis: Redis
  readonly #account: Account
  readonly #acts: readonly (() => Promise<void>)[] = [
    () => this.#count(),
    () => this.#write(),
    () => this.#read(),
    () => this.#add("list", (key, item) => this.#redis.rpush(key, item)),
    () => this.#add("set", (key, item) => this.#redis.sadd(key, item)),
    () => this.#add("hash", (key, item) => this.#redis.hset(key, item, "v")),
    () => this.#add("zset", (key, item) => this.#redis.zadd(key, item, item)),
    () => this.#pipeline(),
    () => this.#transaction(),
    () => this.#reads(),
    () => (Math.random() < 0.2 ? this.#lease() : this.#count()),
    () => (Math.random() < 0.02 ? this.#block() : this.#read()),
  ]

  constructor(redis: Redis, account: Account) {
    this.#redis = redis
    this.#account = account
  }

  /** Sends so many commands more, or a few above. */
  async run(commands: number): Promise<void> {
    const end = this.sent + commands
    while (this.sent < end && this.#account.complaints.length === 0) {
      await this.#acts[Math.floor(Math.random() * this.#acts.length)]?.()
    }
  }

  get #counter(): string {
    return `count:${this.#account.name}:${Math.floor(Math.random() * COUNTERS)}`
  }

  async #count(): Promise<void> {
    this.sent += 1
    const key = this.#counter
    this.#account.count(key, await this.#account.hear(this.#redis.incr(key)))
  }

  async #write(): Promise<void> {
    this.sent += 1
    const value = String(this.sent)
    this.#account.wrote(value, await this.#account.hear(this.#redis.set(this.#register, value)))
  }

  async #read(): Promise<void> {
    this.sent += 1
    await this.#redis.get(this.#register).then(
      (value) => this.#account.saw(value),
      (error: unknown) => void this.#account.told(error),
    )
  }

  async #add(kind: Collection, add: (key: string, item: number) => Promise<unknown>): Promise<void> {
    this.sent += 1
    const item = this.#account.nextItem(kind)
    const told = await this.#account.hear(add(`${kind}:${this.#account.name}`, item))
    this.#account.added(kind, item, told)
  }

  async #pipeline(): Promise<void> {
    this.sent += 4
    const [first, second] = [this.#counter, this.#counter]
    const item = this.#account.nextItem("list")
    const list = `list:${this.#account.name}`
    const outcomes = await this.#redis
      .pipeline()
      .incr(first)
      .get(this.#register)
      .rpush(list, item)
      .incr(second)
      .exec()
    const told = outcomes.map(([error]) => (error ? this.#account.told(error) : "done"))
    this.#account.count(first, told[0] ?? "unknown")
    if (told[1] === "done") this.#account.saw(textOf(outcomes[1]))
    this.#account.added("list", item, told[2] ?? "unknown")
    this.#account.count(second, told[3] ?? "unknown")
  }

  async #transaction(): Promise<void> {
    this.sent += 2
    const key = this.#counter
    const item = this.#account.nextItem("set")
    const told = await this.#account.hear(
      this.#redis.multi().incr(key).sadd(`set:${this.#account.name}`, item).exec(),
    )
    this.#account.count(key, told)
    this.#account.added("set", item, told)
  }

  async #reads(): Promise<void> {
    this.sent += 3
    const key = this.#register
    const calls = [this.#redis.mget(key, key), this.#redis.getBuffer(key), this.#redis.exists(key)]
    for (const call of calls) await this.#account.hear(call)
  }

  /** Optimistic: the write counts only if nobody else wrote, and nobody else does. */
  async #lease(): Promise<void> {
    this.sent += 3
    const key = this.#counter
    const lease = await this.#redis.acquire().catch((error: unknown) => void this.#account.told(error))
    if (!lease) return
    const watched = await this.#account.hear(lease.watch(key))
    if (watched === "done") this.#account.count(key, await this.#account.hear(lease.multi().incr(key).exec()))
    await lease.release()
  }

  async #block(): Promise<void> {
    this.sent += 1
    await this.#account.hear(this.#redis.blpop("never", 0.001))
  }

  get #register(): string {
    return `register:${this.#account.name}`
  }
}

function textOf(outcome: Outcome | undefined): string | null {
  return typeof outcome?.[1] === "string" ? outcome[1] : null
}
