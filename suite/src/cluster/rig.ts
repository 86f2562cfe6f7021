import { createRedis, type Redis, type RedisOptions } from "@warmpool/core"
import { ioredisTransport } from "@warmpool/ioredis"
import {
  type FaultProxy,
  type RedisCluster,
  type RedisServer,
  type StartClusterOptions,
  startCluster,
  startFaultProxy,
} from "@warmpool/local"
import { afterAll, afterEach, beforeAll, expect } from "vitest"

/** What a test may say about its client; the transport comes from the rig. */
export type ClientOptions = Omit<RedisOptions, "transport">

/** A cluster, a proxy before each of its nodes, and the clients of one test. */
export class ClusterRig {
  readonly #clients: Redis[] = []
  readonly #strays: unknown[] = []
  readonly #onStray = (reason: unknown): void => void this.#strays.push(reason)
  readonly #proxies = new Map<number, FaultProxy>()
  #cluster: RedisCluster | undefined

  get cluster(): RedisCluster {
    if (this.#cluster === undefined) throw new Error("the rig was not started")
    return this.#cluster
  }

  async start(options?: StartClusterOptions): Promise<void> {
    process.on("unhandledRejection", this.#onStray)
    this.#cluster = await startCluster(options)
    await Promise.all(
      this.cluster.nodes.map(async (node) => {
        this.#proxies.set(node.port, await startFaultProxy({ target: node }))
      }),
    )
  }

  /** The proxy before a node. */
  proxyOf({ port }: RedisServer): FaultProxy {
    const proxy = this.#proxies.get(port)
    if (proxy === undefined) throw new Error(`${port} is none of the nodes`)
    return proxy
  }

  /** A client of the test, straight to the nodes. */
  client(options: ClientOptions = {}): Redis {
    return this.#keep(createRedis({ ...options, transport: ioredisTransport(this.cluster.url) }))
  }

  /** A client of the test that reaches every node through its proxy. */
  proxiedClient(options: ClientOptions = {}): Redis {
    const proxies = [...this.#proxies]
    const natMap = Object.fromEntries(
      proxies.map(([port, proxy]) => [`127.0.0.1:${port}`, { host: proxy.host, port: proxy.port }]),
    )
    const cluster = proxies.map(([, { host, port }]) => ({ host, port }))
    return this.#keep(createRedis({ ...options, transport: ioredisTransport({ cluster, natMap }) }))
  }

  /** A key of each master, in the order of `masters`, that begins with `name`. */
  async keysOf(name: string): Promise<readonly { readonly key: string; readonly node: RedisServer }[]> {
    const found = new Map<RedisServer, string>()
    const masters = await this.cluster.masters()
    for (let n = 0; found.size < masters.length; n += 1) {
      const node = await this.cluster.nodeOf(`${name}${n}`)
      if (!found.has(node)) found.set(node, `${name}${n}`)
    }
    return masters.map((node) => ({ node, key: found.get(node) ?? "" }))
  }

  async otherMaster(than: RedisServer): Promise<RedisServer> {
    const other = (await this.cluster.masters()).find((master) => master !== than)
    if (!other) throw new Error("there is one master only")
    return other
  }

  /** Ends the clients of a test, and checks what each of them must leave behind. */
  async tidy(): Promise<void> {
    for (const proxy of this.#proxies.values()) await proxy.heal()
    const clients = this.#clients.splice(0)
    await Promise.all(clients.map((redis) => redis.close()))
    const strays = this.#strays.splice(0)
    await Promise.all((await this.cluster.masters()).map((master) => master.command("FLUSHALL")))
    for (const redis of clients) {
      const { opened, closed, ...open } = redis.stats()
      expect(open).toMatchObject({ connecting: 0, idle: 0, shared: 0, leased: 0, waiting: 0 })
      expect(closed).toBe(opened)
    }
    expect(strays).toEqual([])
  }

  async stop(): Promise<void> {
    process.off("unhandledRejection", this.#onStray)
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()))
    await this.#cluster?.close()
  }

  #keep(redis: Redis): Redis {
    this.#clients.push(redis)
    return redis
  }
}

/** A rig of the tests around it: started before the first, tidied after each, stopped after the last. */
export function useCluster(options?: StartClusterOptions): ClusterRig {
  const rig = new ClusterRig()
  beforeAll(() => rig.start(options))
  afterEach(() => rig.tidy())
  afterAll(() => rig.stop())
  return rig
}
