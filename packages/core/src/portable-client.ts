import { makeCall, SEND } from "./call.ts"
import type { Client } from "./client.ts"
import { RedisMethods } from "./command-methods.ts"
import { type CommandSpec, specOf } from "./commands/table.ts"
import type { Key } from "./commands/types.ts"
import { readOptions } from "./config/options.ts"
import { ArgumentError } from "./errors.ts"
import { EVENT_NAMES, type EventDetails, type EventName } from "./events.ts"
import { type How, howSpec } from "./how.ts"
import { MADE, PARTS, type Parts } from "./issue-all.ts"
import { type ScanKeysOptions, type ScanOptions, scanElements, scanPairs } from "./iterators.ts"
import { makeMulti, makePipeline } from "./pipeline.ts"
import type { PoolStats } from "./pool.ts"
import type { CallOptions, Multi, Pipeline, PortableRedis } from "./redis.ts"
import { makeScript, type Script, type ScriptOptions } from "./script.ts"
import { harmless, rejected } from "./stray.ts"

/** The command that asks for nothing but a sign of life. */
export const PING = makeCall(specOf("ping"), "text", ["PING"])

/** What every client can do, over HTTP too: methods for every command, over the parts in `Client`. */
export class PortableClient<C extends Client = Client> extends RedisMethods implements PortableRedis {
  readonly #make: () => C
  #made: C | undefined
  readonly #how: How | undefined

  /** @param make - Gives the parts when they are first needed; views of one client are given the same. */
  constructor(make: () => C, how?: How) {
    super()
    this.#make = make
    this.#how = how
  }

  get #client(): C {
    this.#made ??= this.#make()
    return this.#made
  }

  /** The parts, if they were needed already. */
  get [MADE](): C | undefined {
    return this.#made
  }

  get [PARTS](): Parts<C> {
    return { client: this.#client, lane: this.#client.main, how: this.#how }
  }

  pipeline(commands?: readonly (readonly unknown[])[]): Pipeline {
    return makePipeline(this[PARTS], commands)
  }

  multi(commands?: readonly (readonly unknown[])[]): Multi {
    return makeMulti(this[PARTS], commands)
  }

  with(options: CallOptions): this {
    readOptions("with", howSpec, options, ArgumentError)
    const View = this.constructor as new (make: () => C, how: How) => this
    return new View(() => this.#client, { ...this.#how, ...options })
  }

  scanIterator(options?: ScanKeysOptions): AsyncGenerator<string, void, undefined> {
    return scanElements(this, { name: "scan", key: [], options })
  }

  hscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[string, string], void, undefined> {
    return scanPairs(this, { name: "hscan", key: [key], options })
  }

  sscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<string, void, undefined> {
    return scanElements(this, { name: "sscan", key: [key], options })
  }

  zscanIterator(key: Key, options?: ScanOptions): AsyncGenerator<[string, string], void, undefined> {
    return scanPairs(this, { name: "zscan", key: [key], options })
  }

  defineScript(lua: string, options: ScriptOptions): Script {
    return makeScript(this, lua, options)
  }

  settled(): Promise<void> {
    return this.#client.ledgers.current().settled()
  }

  prewarm(): Promise<void> {
    return harmless(this.#client.issue(this.#client.main, PING, this.#how).then(() => undefined))
  }

  stats(): PoolStats {
    return this.#client.stats()
  }

  on<N extends EventName>(event: N, listener: (detail: EventDetails[N]) => void): () => void {
    if (!EVENT_NAMES.includes(event) || typeof listener !== "function")
      throw new ArgumentError(`on takes one of ${EVENT_NAMES.join(", ")}, and a function`)
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

  /** Wrong arguments and wrong lanes reject: a command never throws. */
  [SEND](spec: CommandSpec, decode: "text" | "bytes", args: readonly unknown[]): Promise<unknown> {
    try {
      return this.#client.run(this.#client.callOf(spec, decode, args), this.#how)
    } catch (error) {
      return rejected(error)
    }
  }
}
