import { type MakeCall, namedCall, SEND } from "./call.ts"
import type { Client, How } from "./client.ts"
import { ClientLease } from "./client-lease.ts"
import type { ClusterLane } from "./cluster/cluster-lane.ts"
import { RedisMethods } from "./command-methods.ts"
import { toArgs } from "./commands/arguments.ts"
import { specOf } from "./commands/table.ts"
import type { Key } from "./commands/types.ts"
import { ArgumentError } from "./errors.ts"
import { type EventDetails, type EventName, Events } from "./events.ts"
import { PARTS, type Parts } from "./issue-all.ts"
import { type ScanKeysOptions, type ScanOptions, type Step, scanElements, scanPairs } from "./iterators.ts"
import type { Call } from "./pending.ts"
import { addAll, CommandPipeline, CommandTransaction } from "./pipeline.ts"
import type { PoolStats } from "./pool.ts"
import type { CallOptions, Lease, LeaseOptions, Multi, Pipeline, Redis } from "./redis.ts"
import { checkHow, kindOf, statefulError } from "./refusals.ts"
import { makeScript, type Script, type ScriptOptions } from "./script.ts"
import { harmless } from "./stray.ts"
import type { SubscribeOptions, Subscription } from "./subscription.ts"

/** Any command that takes one key: a key that is given alone is prefixed like its own. */
const KEYED = specOf("get")

const PING: Call = {
  spec: specOf("ping"),
  decode: "text",
  args: ["PING"],
  transform: undefined,
  replayable: true,
}

/** The client users hold: methods for every command, over the parts in `Client`. */
export class RedisClient extends RedisMethods implements Redis {
  readonly #client: Client
  readonly #how: How | undefined

  constructor(client: Client, how?: How) {
    super()
    this.#client = client
    this.#how = how
  }

  get [PARTS](): Parts {
    const client = this.#client
    return { client, lane: client.shared, how: this.#how }
  }

  pipeline(commands?: readonly (readonly unknown[])[]): Pipeline {
    return addAll(new CommandPipeline(this[PARTS]), commands)
  }

  multi(commands?: readonly (readonly unknown[])[]): Multi {
    return addAll(new CommandTransaction(this[PARTS]), commands)
  }

  with(options: CallOptions): this {
    checkHow(options)
    return new RedisClient(this.#client, { ...this.#how, ...options }) as this
  }

  acquire(options: LeaseOptions = {}): Promise<Lease> {
    return harmless(this.#lease(options))
  }

  use<T>(fn: (lease: Lease) => Promise<T> | T, options?: LeaseOptions): Promise<T> {
    return harmless(this.#use(fn, options))
  }

  async #use<T>(fn: (lease: Lease) => Promise<T> | T, options: LeaseOptions | undefined): Promise<T> {
    if (typeof fn !== "function") throw new ArgumentError("use: pass a function that takes the lease")
    const lease = await this.acquire(options)
    try {
      return await fn(lease)
    } finally {
      await lease.release()
    }
  }

  async *scanIterator(options?: ScanKeysOptions): AsyncGenerator<string, void, undefined> {
    const scan = { name: "scan", key: [], options } as const
    const { cluster } = this.#client
    if (cluster === undefined) return yield* scanElements(this.#stepper(), scan)
    await this.#meetNodes(cluster)
    for (const lane of cluster.lanes) {
      const step: Step = (name, args) =>
        this.#client.issue(lane, namedCall(name, "text", { args: [...args], prefix: "" }), this.#how)
      yield* scanElements(step, scan)
    }
  }

  hscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[string, string], void, undefined> {
    return scanPairs(this.#stepper(), { name: "hscan", key: [key], options })
  }

  sscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<string, void, undefined> {
    return scanElements(this.#stepper(), { name: "sscan", key: [key], options })
  }

  zscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[string, string], void, undefined> {
    return scanPairs(this.#stepper(), { name: "zscan", key: [key], options })
  }

  subscribe(channels: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this.#client.subscribe("", channels, options)
  }

  psubscribe(patterns: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this.#client.subscribe("p", patterns, options)
  }

  ssubscribe(channels: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this.#client.subscribe("s", channels, options)
  }

  defineScript(lua: string, options: ScriptOptions): Script {
    return makeScript(this, lua, options)
  }

  settled(): Promise<void> {
    return this.#client.settled()
  }

  prewarm(): Promise<void> {
    const { cluster, shared } = this.#client
    const warm = cluster ? this.#meetNodes(cluster) : this.#client.issue(shared, PING, this.#how)
    return harmless(warm.then(() => undefined))
  }

  stats(): PoolStats {
    return this.#client.stats()
  }

  on<N extends EventName>(event: N, listener: (detail: EventDetails[N]) => void): () => void {
    if (!Events.isName(event))
      throw new ArgumentError(`on: there is no such event; it is one of ${Events.names.join(", ")}`)
    if (typeof listener !== "function")
      throw new ArgumentError(`on: the listener of ${event} is not a function`)
    return this.#client.events.on(event, listener)
  }

  drain(): Promise<void> {
    return this.#client.drain()
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.drain()
  }

  async #lease(options: LeaseOptions): Promise<Lease> {
    const { key, ...unknown } = options
    const [name] = Object.keys(unknown)
    if (name !== undefined) throw new ArgumentError(`acquire: unknown option ${name}: it takes key`)
    if (key === undefined && this.#client.cluster) {
      throw new ArgumentError(
        "acquire: on a cluster a lease leads to one node: say whose with acquire({ key }) or use(fn, { key })",
      )
    }
    const args = key === undefined ? [] : toArgs(KEYED, [key], this.#client.settings.keyPrefix)
    return new ClientLease(this.#client, await this.#client.lease(this.#how, args[1]), this.#how)
  }

  /** Opens the connection to every master, or validates the one there is. */
  async #meetNodes(cluster: ClusterLane): Promise<void> {
    // The first of all finds out who they are.
    const first = this.#client.issue(cluster, PING, this.#how)
    if (cluster.lanes.length === 0) await first
    const others = cluster.lanes.map((lane) => this.#client.issue(lane, PING, this.#how))
    await Promise.all([first, ...others])
  }

  #stepper(): Step {
    return (name, args) => this.call(name, ...args)
  }

  /** Wrong arguments and wrong lanes reject: a command never throws. */
  [SEND](makeCall: MakeCall): Promise<unknown> {
    try {
      const call = makeCall(this.#client.settings.keyPrefix)
      const kind = kindOf(call)
      if (kind === "ordinary") return this.#client.issue(this.#client.shared, call, this.#how)
      if (kind === "stateful") throw statefulError(call)
      return this.#client.block(call, this.#how)
    } catch (error) {
      return harmless(Promise.reject(error))
    }
  }
}
