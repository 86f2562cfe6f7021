import { methodCall, namedCall, SEND } from "./call.ts"
import type { Client, How } from "./client.ts"
import { ClientLease } from "./client-lease.ts"
import { RedisMethods } from "./command-methods.ts"
import { type CommandSpec, specOf } from "./commands/table.ts"
import type { Key } from "./commands/types.ts"
import { ArgumentError } from "./errors.ts"
import { type EventDetails, type EventName, Events } from "./events.ts"
import { type ScanKeysOptions, type ScanOptions, type Step, scanElements, scanPairs } from "./iterators.ts"
import type { Call } from "./pending.ts"
import { addAll, CommandPipeline, CommandTransaction } from "./pipeline.ts"
import type { PoolStats } from "./pool.ts"
import type { CallOptions, Lease, Multi, Pipeline, Redis } from "./redis.ts"
import { checkHow, kindOf, statefulError } from "./refusals.ts"
import { makeScript, type Script, type ScriptOptions } from "./script.ts"
import { harmless } from "./stray.ts"
import type { SubscribeOptions, Subscription } from "./subscription.ts"

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

  override call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#attempt(() => namedCall(name, "text", { args, prefix: this.#client.settings.keyPrefix }))
  }

  override callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#attempt(() => namedCall(name, "bytes", { args, prefix: this.#client.settings.keyPrefix }))
  }

  pipeline(commands?: readonly (readonly unknown[])[]): Pipeline {
    const client = this.#client
    return addAll(new CommandPipeline({ client, lane: client.shared, how: this.#how }), commands)
  }

  multi(commands?: readonly (readonly unknown[])[]): Multi {
    const client = this.#client
    return addAll(new CommandTransaction({ client, lane: client.shared, how: this.#how }), commands)
  }

  with(options: CallOptions): this {
    checkHow(options)
    return new RedisClient(this.#client, { ...this.#how, ...options }) as this
  }

  acquire(): Promise<Lease> {
    const leased = this.#client.lease(this.#how)
    return harmless(leased.then((lane) => new ClientLease(this.#client, lane, this.#how)))
  }

  use<T>(fn: (lease: Lease) => Promise<T> | T): Promise<T> {
    return harmless(this.#use(fn))
  }

  async #use<T>(fn: (lease: Lease) => Promise<T> | T): Promise<T> {
    if (typeof fn !== "function") throw new ArgumentError("use: pass a function that takes the lease")
    const lease = await this.acquire()
    try {
      return await fn(lease)
    } finally {
      await lease.release()
    }
  }

  scanIterator(options?: ScanKeysOptions): AsyncGenerator<string, void, undefined> {
    return scanElements(this.#stepper(), { name: "scan", key: [], options })
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
    return harmless(this.#client.issue(this.#client.shared, PING, this.#how).then(() => undefined))
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

  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: unknown[]): Promise<unknown> {
    return this.#attempt(() => methodCall(spec, decode, { args, prefix: this.#client.settings.keyPrefix }))
  }

  #stepper(): Step {
    return (name, args) => this.call(name, ...args)
  }

  /** Wrong arguments and wrong lanes reject: a command never throws. */
  #attempt(makeCall: () => Call): Promise<unknown> {
    try {
      const call = makeCall()
      const kind = kindOf(call)
      if (kind === "ordinary") return this.#client.issue(this.#client.shared, call, this.#how)
      if (kind === "stateful") throw statefulError(call)
      return this.#client.block(call, this.#how)
    } catch (error) {
      return harmless(Promise.reject(error))
    }
  }
}
