import { createRedis, type Redis } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import { type RedisCluster, type RedisServer, startCluster } from "@warmpool/local"
import { Cluster, Redis as Ioredis } from "ioredis"
import { afterAll, beforeAll } from "vitest"
import { ARGS, FORGET, PATIENT, PLAIN } from "./pair.ts"

/** Is in slot 0: commands without a key go where these keys are. Source: `redis-cli CLUSTER KEYSLOT 06S`. */
export const TAG = "{06S}"

/** A cluster, and on it our clients, ioredis on one of its nodes, and ioredis's Cluster. */
export class ClusterPair {
  readonly #clients = new Map<string, Redis | Ioredis | Cluster>()
  #cluster: RedisCluster | undefined
  #masters: readonly RedisServer[] = []

  get cluster(): RedisCluster {
    if (this.#cluster === undefined) throw new Error("the cluster was not started")
    return this.#cluster
  }

  /** The masters, that of slot 0 first. */
  get masters(): readonly RedisServer[] {
    return this.#masters
  }

  async start(): Promise<void> {
    this.#cluster = await startCluster({ args: ARGS })
    // No failover because the machine is busy; from the start it would make the start slow.
    for (const node of this.cluster.nodes) await node.command("CONFIG", "SET", "cluster-node-timeout", 15_000)
    const first = await this.cluster.nodeOf(TAG)
    const others = (await this.cluster.masters()).filter((master) => master !== first)
    this.#masters = [first, ...others]
  }

  /** A client of ours. */
  ours(keyPrefix = ""): Redis {
    return this.#one(`ours ${keyPrefix}`, () =>
      createRedis({ ...PATIENT, keyPrefix, transport: ioredisTransport(this.cluster.url) }),
    )
  }

  /** ioredis on one node: what it is told is what the server says. */
  theirsOn(node: RedisServer | undefined, keyPrefix = ""): Ioredis {
    return this.#one(
      `theirs ${keyPrefix} ${node?.port}`,
      () => new Ioredis(node?.url ?? "", { ...PLAIN, keyPrefix, retryStrategy: () => null }),
    )
  }

  /** ioredis's Cluster. */
  theirs(keyPrefix = ""): Cluster {
    return this.#one(
      `theirs ${keyPrefix}`,
      () => new Cluster([...this.cluster.urls], { keyPrefix, redisOptions: PLAIN }),
    )
  }

  /** A hash tag of each master, in the order of `masters`. */
  async tags(): Promise<readonly string[]> {
    const tags = new Map<RedisServer, string>([[await this.cluster.nodeOf(TAG), TAG]])
    for (let n = 0; tags.size < this.masters.length; n += 1) {
      const node = await this.cluster.nodeOf(`{${n}}`)
      if (!tags.has(node)) tags.set(node, `{${n}}`)
    }
    return this.masters.map((master) => tags.get(master) ?? "")
  }

  /** Empties every master: data, functions, scripts, users, logs, statistics. */
  async empty(): Promise<void> {
    await this.each(...FORGET)
  }

  /** A fingerprint of the data of each master. */
  async digest(): Promise<unknown> {
    return this.each(["DEBUG", "DIGEST"])
  }

  /** Sends commands to every master; gives each one's reply to the last. */
  each(...commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    return Promise.all(
      this.masters.map(async (master) => {
        const replies = await Promise.all(commands.map((command) => master.command(...command)))
        return replies.at(-1)
      }),
    )
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) {
      if ("disconnect" in client) client.disconnect()
      else await client.close()
    }
    await this.#cluster?.close()
  }

  /** Made once: to open one for each script would take longer than to run it. */
  #one<T extends Redis | Ioredis | Cluster>(name: string, open: () => T): T {
    const client = (this.#clients.get(name) as T | undefined) ?? open()
    this.#clients.set(name, client)
    return client
  }
}

/** A cluster of the tests around it, which empty it when they begin. */
export function useClusterPair(): ClusterPair {
  const pair = new ClusterPair()
  beforeAll(() => pair.start())
  afterAll(() => pair.stop())
  return pair
}
