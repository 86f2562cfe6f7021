import { ClientLease } from "./client-lease.ts"
import { toArgs } from "./commands/arguments.ts"
import { specOf } from "./commands/table.ts"
import type { Key } from "./commands/types.ts"
import { type Option, readOptions } from "./config/options.ts"
import { ArgumentError } from "./errors.ts"
import { PARTS } from "./issue-all.ts"
import type { ScanKeysOptions } from "./iterators.ts"
import type { PooledClient } from "./pooled-client.ts"
import { PortableClient } from "./portable-client.ts"
import type { Lease, LeaseOptions, Redis } from "./redis.ts"
import { harmless } from "./stray.ts"
import type { Kind, SubscribeOptions, Subscription } from "./subscription.ts"

/** Any command that takes one key: a key that is given alone is prefixed like its own. */
const KEYED = specOf("get")

/** What is no key is refused like any other argument. */
const anyKey: Option<Key | undefined> = { expects: "a key", accepts: () => true }
const leaseSpec = { key: anyKey }

/** The client users hold where connections are kept: leases and subscriptions beside what every client can do. */
export class RedisClient extends PortableClient<PooledClient> implements Redis {
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

  override async *scanIterator(options?: ScanKeysOptions): AsyncGenerator<string, void, undefined> {
    const { client, how } = this[PARTS]
    yield* client.cluster?.scan(client, { how, options }) ?? super.scanIterator(options)
  }

  override prewarm(): Promise<void> {
    const { client, how } = this[PARTS]
    return client.cluster ? harmless(client.cluster.meet(client, how)) : super.prewarm()
  }

  subscribe(channels: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this.#subscribe("", channels, options)
  }

  psubscribe(patterns: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this.#subscribe("p", patterns, options)
  }

  ssubscribe(channels: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this.#subscribe("s", channels, options)
  }

  #subscribe(kind: Kind, names: string | readonly string[], options?: SubscribeOptions): Subscription {
    return this[PARTS].client.subscribe(kind, names, options)
  }

  async #lease(options: LeaseOptions): Promise<Lease> {
    const { key } = readOptions("acquire", leaseSpec, options, ArgumentError)
    const { client, how } = this[PARTS]
    if (key === undefined && client.cluster) {
      throw new ArgumentError(
        "acquire: on a cluster a lease leads to one node: say whose with acquire({ key }) or use(fn, { key })",
      )
    }
    const args = key === undefined ? [] : toArgs(KEYED, [key], client.settings.keyPrefix)
    return new ClientLease(client, await client.lease(how, args[1]), how)
  }
}
