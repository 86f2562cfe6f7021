import { WorkerEntrypoint } from "cloudflare:workers"
import { ArgumentError, type BlockingCommands, ConfigError, type PortableCommands } from "@warmpool/core"
import type { Heard, Listening, Opened, PoolService } from "../service/service.ts"
import { packError, unpackError, type WireAnswer, type WireBatch, type WireError } from "../service/wire.ts"
import { directCommands, RUN } from "./direct-commands.ts"
import { type PoolEnv, readPoolEnv } from "./pool-env.ts"
import type { Result } from "./redis-pool.ts"

/** Every command as a method, for Workers without our client. */
export type DirectCommands = PortableCommands<"promise"> & BlockingCommands<"promise">

/** `RedisPool` as its stub shows it. */
interface PoolStub {
  exchange(batch: WireBatch): Promise<WireAnswer>
  open(patienceMs: number): Promise<Opened>
  listen(listening: Listening): Promise<Heard>
  command(method: string, args: readonly unknown[]): Promise<Result>
}

class Entrypoint extends WorkerEntrypoint<PoolEnv> {}

// Between the class and its base: as methods of a class they would take twenty times as long to define.
Object.setPrototypeOf(Entrypoint.prototype, Object.setPrototypeOf(directCommands, WorkerEntrypoint.prototype))

type CommandEntrypoint = abstract new (
  ctx: ExecutionContext,
  env: PoolEnv,
) => WorkerEntrypoint<PoolEnv> & Omit<DirectCommands, "call" | "callBuffer">

/**
 * What other Workers bind as a service: whoever has the binding may use the server, and nothing is served over HTTP.
 * It has the methods that our client calls, and every command by its name.
 */
export class RedisBinding extends (Entrypoint as unknown as CommandEntrypoint) implements PoolService {
  async exchange(shard: number, batch: WireBatch): Promise<WireAnswer> {
    const object = this.#object(shard)
    return "refused" in object ? object.refused : object.stub.exchange(batch)
  }

  async open(shard: number, patienceMs: number): Promise<Opened> {
    const object = this.#object(shard)
    return "refused" in object ? object : object.stub.open(patienceMs)
  }

  async listen(shard: number, listening: Listening): Promise<Heard> {
    const object = this.#object(shard)
    return "refused" in object ? object : object.stub.listen(listening)
  }

  /** Any command by name; its arguments and reply are not transformed. */
  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this[RUN]("call", [name, ...args])
  }

  /** `call` with strings as bytes. */
  callBuffer(name: string, ...args: unknown[]): Promise<unknown> {
    return this[RUN]("callBuffer", [name, ...args])
  }

  async [RUN](method: string, args: readonly unknown[]): Promise<unknown> {
    const object = this.#object(Math.random())
    const result = "refused" in object ? { error: object.refused } : await object.stub.command(method, args)
    if ("error" in result) throw unpackError(result.error)
    return result.reply
  }

  /** The object of a shard; or what keeps the pool from having one, for the caller to be told as data. */
  #object(shard: number): { readonly stub: PoolStub } | { readonly refused: WireError } {
    try {
      // Any other would be an object too many, with connections of its own.
      if (!(Number.isFinite(shard) && shard >= 0 && shard < 1))
        throw new ArgumentError("the pool takes a shard from 0 to below 1")
      const { shards, locationHint } = readPoolEnv(this.env)
      const namespace = this.env.REDIS_POOL
      const id = namespace.idFromName(`shard-${Math.floor(shard * shards)}`)
      const stub: unknown = namespace.get(id, locationHint === undefined ? {} : { locationHint })
      if (!hasRpc(stub)) {
        throw new ConfigError(
          'the pool Worker has no RPC: in its wrangler.jsonc write "compatibility_date": "2024-04-03" or later',
        )
      }
      return { stub }
    } catch (error) {
      return { refused: packError(error) }
    }
  }
}

/** A stub has every method there is, where it has any. */
function hasRpc(stub: unknown): stub is PoolStub {
  return typeof stub === "object" && stub !== null && typeof Reflect.get(stub, "exchange") === "function"
}
